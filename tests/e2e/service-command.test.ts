import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  readCommand,
  readEnvironment,
  readUnit,
} from '../../apps/cli/src/service/test-support/read-unit.ts';
import { runProgram, type Finished } from '../harness/run-program.ts';
import { ROOT } from '../harness/stack.ts';

let folder: string;
let home: string;
let config: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-service-'));
  home = join(folder, 'a home');
  config = join(folder, 'config');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cli = (...args: string[]): Promise<Finished> =>
  runProgram(join(ROOT, 'bin', 'holdfast'), args, {
    env: {
      ...process.env,
      HOME: folder,
      HOLDFAST_HOME: home,
      XDG_CONFIG_HOME: config,
      ADMIN_TOKEN: 'sesame-sesame-sesame-sesame',
      HOLDFAST_DATABASE_URL: 'postgres://holdfast:sesame@localhost/holdfast',
      NO_COLOR: '1',
    },
  });

const notLinux = process.platform !== 'linux';
describe.skipIf(notLinux)(`service on Linux${notLinux ? ' (SKIPPED: another system)' : ''}`, () => {
  test('prints the unit that it would write, without secrets, and writes nothing', async () => {
    const { code, stdout } = await cli(
      'service',
      'install',
      '--user',
      '--profile',
      'ent',
      '--print',
    );
    expect(code).toBe(0);
    const unit = readUnit(stdout);
    expect(readCommand(unit.get('Service.ExecStart')![0]!)).toEqual([
      process.execPath,
      join(ROOT, 'bin', 'holdfast'),
      'up',
    ]);
    expect(readEnvironment(unit.get('Service.Environment')!)).toMatchObject({
      HOLDFAST_FIRST_PROFILE: 'enterprise-vip',
    });
    expect(unit.get('Install.WantedBy')).toEqual(['default.target']);
    expect(stdout).toContain(home);
    expect(stdout).not.toContain('sesame');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a service of the machine can have an account of its own', async () => {
    const args = ['--system', '--run-as', 'daemon', '--home', home, '--print', '--json'];
    const { file, text } = (await cli('service', 'install', ...args)).json();
    expect(file).toBe('/etc/systemd/system/holdfast.service');
    expect(readUnit(text as string).get('Service.User')).toEqual(['daemon']);
  });

  test('refuses what cannot be meant with the exit status of misuse', async () => {
    for (const args of [
      ['--user', '--system'],
      ['--profile', 'bogus'],
      ['--run-as', 'daemon'],
    ]) {
      const { code, stderr } = await cli('service', 'install', ...args, '--print');
      expect([code, stderr.startsWith('error: ')]).toEqual([64, true]);
    }
  });

  const booted = existsSync('/run/systemd/system');
  test.skipIf(booted)(
    `without systemd it says so and what to do instead${booted ? ' (SKIPPED: systemd runs here)' : ''}`,
    async () => {
      const install = await cli('service', 'install', '--user');
      expect(install.code).toBe(1);
      expect(install.stderr).toContain('systemd is not the first process of this system');
      const instead = /: (HOLDFAST_HOME=.*)$/m.exec(install.stderr)?.[1];
      expect(instead).toContain('HOLDFAST_FIRST_PROFILE=user');
      const shell = spawnSync('sh', ['-n', '-c', instead!], { encoding: 'utf8' });
      expect(shell.status).toBe(0);
      expect((await cli('service', 'uninstall', '--user')).code).toBe(1);
      const status = await cli('service', 'status', '--user', '--json');
      expect(status.code).toBe(1);
      expect(status.json()).toMatchObject({ installed: false, enabled: null, running: null });
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});

describe('scripts/install_linux.sh', () => {
  const script = join(ROOT, 'scripts', 'install_linux.sh');
  const noCheck = spawnSync('shellcheck', ['--version']).status !== 0;
  test.skipIf(noCheck)(
    `has nothing that shellcheck knows${noCheck ? ' (SKIPPED: no shellcheck here)' : ''}`,
    async () => {
      const { code, stdout } = await runProgram('shellcheck', ['-s', 'sh', script]);
      expect(stdout).toBe('');
      expect(code).toBe(0);
    },
  );

  test('names what is missing before it changes anything', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    for (const name of ['sh', 'dirname'])
      symlinkSync(
        spawnSync('sh', ['-c', `command -v ${name}`])
          .stdout.toString()
          .trim(),
        join(bin, name),
      );
    const without = await runProgram(script, [], { env: { PATH: bin } });
    expect([without.code, without.stderr]).toEqual([
      1,
      'install: node is missing: install Node 20.19 or newer with the package manager of this system\n',
    ]);
    symlinkSync(process.execPath, join(bin, 'node'));
    const noNpm = await runProgram(script, [], { env: { PATH: bin } });
    expect([noNpm.code, noNpm.stderr.startsWith('install: npm is missing')]).toEqual([1, true]);
    const misuse = await runProgram(script, ['--sudo'], { env: { PATH: bin } });
    expect(misuse.code).toBe(64);
  });
});
