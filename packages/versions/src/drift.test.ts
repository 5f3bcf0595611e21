import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { prepareBaseline } from './baseline.ts';
import type { BaselineEntry } from './baseline.ts';
import { computeDrift } from './drift.ts';
import type { DriftStatus } from './drift.ts';
import { driftFingerprint } from './drift-fingerprint.ts';
import { InvalidPackageName, PackageInputError } from './errors.ts';
import type { Coverage, Inventory } from './inventory.ts';
import type { PackageManager } from './manager.ts';
import { satisfies } from './satisfies.ts';

const environment = '/srv/venv';
const complete: Coverage = { status: 'complete' };

function inventory(packages: Record<string, string>, more: Partial<Inventory> = {}): Inventory {
  return { manager: 'pip', environment, packages, coverage: complete, ...more };
}

function want(name: string, expected: string, more: Partial<BaselineEntry> = {}): BaselineEntry {
  return { manager: 'pip', package: name, expected, environment, ...more };
}

const single: [PackageManager, string, string, Record<string, string>, string | undefined][] = [
  ['pip', 'requests', '==2.31.0', { requests: '2.31.0' }, undefined],
  ['pip', 'requests', '==2.31', { requests: '2.31.0' }, undefined],
  ['pip', 'requests', '==2.31.0', { requests: '2.30.0' }, '2.30.0'],
  ['pip', 'requests', '==2.31.0', {}, 'not_installed'],
  ['pip', 'Ruamel_yaml', '==1', { 'ruamel.yaml': '1' }, undefined],
  ['pip', 'ruamel.yaml', '==1', { Ruamel_YAML: '2' }, '2'],
  ['pip', 'PyYAML', '>=6', { PyYAML: '6.0.1', other: '1' }, undefined],
  ['pip', 'a', '', { a: 'unreadable version' }, undefined],
  ['pip', 'a', '>=1', { a: 'unreadable version' }, 'unreadable version'],
  ['pip', 'constructor', '==1', {}, 'not_installed'],
  ['npm', 'left-pad', '^1.3.0', { 'left-pad': '1.3.1' }, undefined],
  ['npm', 'left-pad', '1.3.0', { 'left-pad': '1.3.1' }, '1.3.1'],
  ['npm', 'JSONStream', '*', { jsonstream: '1.0.0' }, 'not_installed'],
  ['npm', 'constructor', '1.0.0', {}, 'not_installed'],
  ['apt', 'libc6', '2.36-9', { 'libc6:amd64': '2.36-9' }, undefined],
  ['apt', 'libc6:amd64', '=2.36-9', { 'libc6:amd64': '2.36-8' }, '2.36-8'],
  ['apt', 'bash:amd64', '5.2-1', { bash: '5.2-1' }, undefined],
  ['apt', 'bash:i386', '5.2-1', { bash: '5.2-1' }, 'not_installed'],
];

describe('one package', () => {
  test.each(single)('%s %s %j with %j: actual %s', (manager, name, expected, packages, actual) => {
    const found = { manager, environment, coverage: complete, architecture: 'amd64' };
    for (const installed of [packages, new Map(Object.entries(packages))]) {
      const report = computeDrift([want(name, expected, { manager })], {
        ...found,
        packages: installed,
      });
      expect(report.entries.map((entry) => entry.actual)).toEqual(actual ? [actual] : []);
      expect(report.status).toBe(actual ? 'drift' : 'in_sync');
    }
  });

  test('reports manager, environment, normalised package, expected and actual', () => {
    const { entries } = computeDrift([want('Foo_Bar', '~=1.4')], inventory({ Foo_Bar: '2.0' }));
    expect(entries).toEqual([
      {
        status: 'drift',
        manager: 'pip',
        environment,
        package: 'foo-bar',
        expected: '~=1.4',
        actual: '2.0',
      },
    ]);
  });

  test('an optional entry may be absent but not wrong', () => {
    const baseline = [want('idna', '<4', { optional: true })];
    expect(computeDrift(baseline, inventory({})).status).toBe('in_sync');
    expect(computeDrift(baseline, inventory({ idna: '4.1' })).status).toBe('drift');
  });

  test('two entries for one package must both hold', () => {
    const baseline = [want('a', '>=1'), want('A', '<2')];
    expect(computeDrift(baseline, inventory({ a: '1.5' })).status).toBe('in_sync');
    expect(computeDrift(baseline, inventory({ a: '2.0' })).entries).toMatchObject([
      { expected: '<2' },
    ]);
  });

  test('what the baseline does not name is no drift', () => {
    const { status, counts } = computeDrift([want('a', '1')], inventory({ a: '1', b: '2' }));
    expect([status, counts.in_sync]).toEqual(['in_sync', 1]);
  });
});

describe('coverage', () => {
  const cases: [Coverage['status'], Record<string, string>, DriftStatus, number, number][] = [
    ['partial', { a: '1', b: '2' }, 'unknown', 0, 0],
    ['partial', { a: '1' }, 'unknown', 0, 1],
    ['partial', { a: '9', b: '2' }, 'drift', 1, 0],
    ['partial', { a: '9' }, 'drift', 1, 1],
    ['failed', { a: '9', b: '2' }, 'unknown', 0, 2],
    ['absent', {}, 'unknown', 0, 2],
  ];
  test.each(cases)('a %s scan with %j is %s', (status, packages, overall, drift, unknown) => {
    const report = computeDrift(
      [want('a', '==1'), want('b', '==2')],
      inventory(packages, { coverage: { status, reason: 'pip crashed' } }),
    );
    expect(report.status).toBe(overall);
    expect([report.entries.length, report.unknown.length]).toEqual([drift, unknown]);
    for (const entry of report.unknown) expect(entry.reason).toContain('pip crashed');
  });

  test('an environment without an inventory is unknown, and others are still judged', () => {
    const baseline = [
      want('a', '==1'),
      want('b', '1.0.0', { manager: 'npm', environment: '/app' }),
    ];
    const report = computeDrift(baseline, [inventory({ a: '1' })]);
    expect(report.status).toBe('unknown');
    expect(report.unknown).toMatchObject([{ manager: 'npm', package: 'b', environment: '/app' }]);
    expect(report.counts).toEqual({ in_sync: 1, drift: 0, unknown: 1, not_expected: 0 });
  });

  test('a spec that names a tag is unknown where something is installed', () => {
    const baseline = [want('a', 'latest', { manager: 'npm' })];
    const at = (packages: Record<string, string>) =>
      computeDrift(baseline, inventory(packages, { manager: 'npm' })).status;
    expect([at({ a: '1.0.0' }), at({})]).toEqual(['unknown', 'drift']);
  });
});

describe('markers', () => {
  const markers = { sys_platform: 'linux', python_version: '3.11' };
  test('an entry whose marker does not hold is not expected', () => {
    const baseline = [want('colorama', '==1', { marker: 'sys_platform == "win32"' })];
    const report = computeDrift(baseline, inventory({ colorama: '9' }, { markers }));
    expect([report.status, report.counts.not_expected]).toEqual(['in_sync', 1]);
  });

  test('an entry whose marker holds is expected', () => {
    const baseline = [want('a', '==1', { marker: 'python_version >= "3.8"' })];
    expect(computeDrift(baseline, inventory({}, { markers })).status).toBe('drift');
  });

  test('a marker that the host cannot answer makes the entry unknown', () => {
    const baseline = [want('a', '==1', { marker: 'os_name == "posix"' })];
    const report = computeDrift(baseline, inventory({ a: '1' }, { markers }));
    expect(report.unknown).toMatchObject([{ reason: expect.stringContaining('os_name') }]);
  });
});

describe('extras', () => {
  const markers = { sys_platform: 'linux', python_version: '3.11' };
  const extras = {
    uvicorn: [
      'click>=7.0',
      'websockets>=10.4; extra == "standard"',
      'colorama>=0.4; sys_platform == "win32" and extra == "standard"',
      'tool[fast]; extra == "all"',
      'uvicorn[standard]; extra == "all"',
    ],
    tool: ['Speedy_Lib (>=2); extra == "fast"', 'uvicorn[all]; extra == "fast"'],
  };
  const baseline = [want('Uvicorn[Standard]', '==0.30')];

  const cases: [string, Record<string, string>, [string, string, string][]][] = [
    ['uvicorn[standard]', { uvicorn: '0.30', websockets: '12.0' }, []],
    ['uvicorn[standard]', { uvicorn: '0.30' }, [['websockets', '>=10.4', 'not_installed']]],
    [
      'uvicorn[standard]',
      { uvicorn: '0.30', websockets: '9.1' },
      [['websockets', '>=10.4', '9.1']],
    ],
    ['uvicorn', { uvicorn: '0.30' }, []],
    ['uvicorn[nothing-such]', { uvicorn: '0.30' }, []],
    ['uvicorn[standard]', {}, [['uvicorn', '==0.30', 'not_installed']]],
    [
      'uvicorn[all]',
      { uvicorn: '0.30', tool: '1' },
      [
        ['websockets', '>=10.4', 'not_installed'],
        ['speedy-lib', '>=2', 'not_installed'],
      ],
    ],
  ];
  test.each(cases)('%s with %j differs in %j', (name, packages, rows) => {
    const { entries, unknown } = computeDrift(
      [want(name, '==0.30')],
      inventory(packages, { extras, markers }),
    );
    const found = entries.map((entry) => [entry.package, entry.expected, entry.actual]);
    expect(new Set(found)).toEqual(new Set(rows));
    expect(unknown).toEqual([]);
  });

  test('name the extra that asks, and yield to a declared row of the same package', () => {
    const from = inventory({ uvicorn: '0.30' }, { extras, markers });
    expect(computeDrift(baseline, from).entries).toMatchObject([{ via: 'uvicorn[standard]' }]);
    const both = [...baseline, want('websockets', '==12.0'), want('uvicorn[standard]', '')];
    expect(computeDrift(both, from).entries).toMatchObject([{ expected: '==12.0' }]);
  });

  test('are unknown where the inventory does not say what they require', () => {
    const report = computeDrift(baseline, inventory({ uvicorn: '0.30' }, { markers }));
    expect([report.status, report.unknown.length]).toEqual(['unknown', 1]);
  });

  test('are unknown where a requirement line cannot be read', () => {
    const broken = { uvicorn: ['web sockets; extra == "standard"'] };
    const from = inventory({ uvicorn: '0.30' }, { extras: broken, markers });
    expect(computeDrift(baseline, from).status).toBe('unknown');
  });
});

describe('a baseline', () => {
  test.each([
    [want('../x', '==1'), InvalidPackageName],
    [want('a[../x]', '==1'), InvalidPackageName],
    [want('a', '==?'), PackageInputError],
    [want('a', '==1', { marker: 'bogus == "1"' }), PackageInputError],
    [want('a', '==1', { extras: ['-x'] }), InvalidPackageName],
  ])('that cannot be read is refused: %j', (entry, kind) => {
    expect(() => prepareBaseline([entry])).toThrow(kind);
  });

  test('prepared once gives every host the verdict of a fresh comparison, in any order', () => {
    const names = ['a', 'b-c', 'd', 'e'];
    const version = fc.constantFrom('1', '1.0', '1.0.0', '2', '2.0rc1', 'junk');
    const reported = fc.constantFrom(...names, 'B_c', 'B.C', 'other');
    const baseline = fc.array(
      fc.record({
        name: fc.constantFrom(...names),
        spec: fc.constantFrom('==1', '>=1', '', '~=1.0'),
      }),
      { maxLength: 6 },
    );
    const host = fc
      .uniqueArray(fc.tuple(reported, version), {
        selector: ([name]) => name.toLowerCase().replace(/[_.]/, '-'),
      })
      .map((pairs) => new Map(pairs));
    fc.assert(
      fc.property(baseline, fc.array(host, { maxLength: 4 }), (declared, hosts) => {
        const entries = declared.map(({ name, spec }) => want(name, spec));
        const prepared = prepareBaseline(entries);
        for (const packages of hosts) {
          const normal = new Map(
            [...packages].map(([name, text]) => [name.toLowerCase().replace(/[_.]/, '-'), text]),
          );
          const naive = entries
            .map((entry) => ({ entry, actual: normal.get(entry.package) }))
            .filter(({ entry, actual }) => {
              return actual === undefined || !satisfies('pip', actual, entry.expected);
            })
            .map(({ entry, actual }) => [entry.package, actual ?? 'not_installed']);
          const report = computeDrift(prepared, { ...inventory({}), packages });
          expect(report.entries.map((row) => [row.package, row.actual])).toEqual(naive);
          expect(report.counts.in_sync).toBe(entries.length - naive.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('driftFingerprint', () => {
  const rows = computeDrift([want('a', '==1'), want('b', '==2')], inventory({ a: '9' })).entries;

  test('does not depend on order or repeats', () => {
    expect(driftFingerprint([...rows].reverse())).toBe(driftFingerprint([...rows, ...rows]));
    expect(driftFingerprint(rows)).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each(['manager', 'environment', 'package', 'expected', 'actual'] as const)(
    'depends on %s',
    (field) => {
      const [first, ...rest] = rows;
      const changed = [{ ...first!, [field]: 'changed' }, ...rest];
      expect(driftFingerprint(changed)).not.toBe(driftFingerprint(rows));
    },
  );
});
