import { execFileSync } from 'node:child_process';
import { packageStep } from '@holdfast/testkit';
import { describe, expect, it } from 'vitest';
import { createAptDriver } from './apt-driver.ts';
import { readDpkgTable } from './dpkg-table.ts';

const hasDpkg = (): boolean => {
  try {
    execFileSync('dpkg-query', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe('readDpkgTable', () => {
  it('lists what is installed and names packages of other architectures as apt does', () => {
    const table = readDpkgTable(
      [
        'bash\t5.2.15-2+b7\tamd64\tii ',
        'adduser\t3.134\tall\tii ',
        'libc6\t2.36-9\tamd64\tii ',
        'libc6\t2.36-8\ti386\tii ',
        'held\t1.0\tamd64\thi ',
        'gone\t1.0\tamd64\trc ',
        'never\t\t\tun ',
        '',
      ].join('\n'),
      'amd64',
    );
    expect(table.packages).toEqual({
      bash: '5.2.15-2+b7',
      adduser: '3.134',
      libc6: '2.36-9',
      'libc6:i386': '2.36-8',
      held: '1.0',
    });
    expect(table.unfinished).toEqual([]);
  });

  it('does not count a package that dpkg has not finished', () => {
    const states = ['iU ', 'iF ', 'iH ', 'iiR'].map(
      (state, index) => `p${index}\t1\tall\t${state}`,
    );
    const table = readDpkgTable(states.join('\n'), 'amd64');
    expect(table.packages).toEqual({});
    expect(table.unfinished).toEqual(['p0', 'p1', 'p2', 'p3']);
  });
});

describe('apt driver', () => {
  const driver = createAptDriver();

  it('refuses to plan, verify or apply', async () => {
    const refusal = { code: 'driver_unavailable' };
    const action = packageStep('apt', '/', [{ package: 'bash', from: null, to: '1' }]);
    const context = {
      timeoutMs: 1000,
      signal: new AbortController().signal,
      onSpawn: () => Promise.resolve(),
    };
    const request = { environment: '/', requirements: [], options: [] };
    expect(driver.capabilities).toEqual({ inventory: true, apply: false, system: true });
    await expect(driver.resolve(request)).rejects.toMatchObject(refusal);
    await expect(driver.verify(action)).rejects.toMatchObject(refusal);
    await expect(driver.apply(action, context)).rejects.toMatchObject(refusal);
    expect(await driver.probe('/')).toBeUndefined();
  });

  it(`reads the machine's packages (${hasDpkg() ? 'dpkg is here' : 'no dpkg here: absent'})`, async () => {
    const found = await driver.inventory('system');
    expect(found).toMatchObject({ manager: 'apt', environment: 'system' });
    if (hasDpkg()) {
      expect(['complete', 'partial']).toContain(found.coverage.status);
      expect(found.packages).toHaveProperty('dpkg');
    } else {
      expect(found.coverage).toMatchObject({ status: 'absent' });
    }
  });
});
