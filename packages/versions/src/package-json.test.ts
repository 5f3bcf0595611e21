import { describe, expect, test } from 'vitest';

import { baselineFromPackageJson } from './declared-baseline.ts';
import { parsePackageJson } from './package-json.ts';

const json = JSON.stringify;
const lock = (packages: unknown, lockfileVersion: unknown = 3) =>
  json({ lockfileVersion, packages });

describe('parsePackageJson', () => {
  test('lists dependencies with locked versions and says what it leaves out', () => {
    const parsed = parsePackageJson({
      packageJson: json({
        dependencies: { a: '^1.0.0', '@s/b': '2.0.0', o: '1' },
        optionalDependencies: { o: '^3.0.0' },
        devDependencies: { d: '*', e: '*' },
      }),
      packageLock: lock({
        '': { name: 'root' },
        'node_modules/a': { version: '1.2.3' },
        'node_modules/a/node_modules/@s/b': { version: '9.9.9' },
        'node_modules/@s/b': { version: '2.0.0' },
      }),
    });
    expect(parsed).toEqual({
      entries: [
        { name: 'a', spec: '^1.0.0', locked: '1.2.3', optional: false },
        { name: '@s/b', spec: '2.0.0', locked: '2.0.0', optional: false },
        { name: 'o', spec: '^3.0.0', optional: true },
      ],
      unmanaged: [],
      notes: ['devDependencies are not part of a baseline: 2 left out'],
    });
    expect(baselineFromPackageJson(parsed, '/srv/app').map(({ expected }) => expected)).toEqual([
      '1.2.3',
      '2.0.0',
      '^3.0.0',
    ]);
  });

  test('sets aside what versions cannot describe, without its credentials', () => {
    const dependencies = { g: 'git+https://u:hunter2@h/x.git', t: 'latest', w: '^1.0.0' };
    const { entries, unmanaged } = parsePackageJson({
      packageJson: json({ dependencies }),
      packageLock: lock({ 'node_modules/w': { resolved: 'packages/w', link: true } }, 2),
    });
    expect(entries).toEqual([]);
    expect(unmanaged).toEqual([
      { name: 'g', spec: 'git+https://***@h/x.git', reason: 'git', optional: false },
      { name: 't', spec: 'latest', reason: 'tag', optional: false },
      { name: 'w', spec: '^1.0.0', reason: 'workspace', optional: false },
    ]);
  });

  test('does not follow a lock that contradicts package.json', () => {
    const parsed = parsePackageJson({
      packageJson: json({ dependencies: { a: '^2.0.0' } }),
      packageLock: lock({ 'node_modules/a': { version: '1.0.0' } }),
    });
    expect(parsed.entries).toEqual([{ name: 'a', spec: '^2.0.0', optional: false }]);
    expect(parsed.notes).toEqual(['a: the lock has 1.0.0, which does not meet ^2.0.0']);
  });

  test('accepts a project without dependencies', () => {
    expect(parsePackageJson({ packageJson: '{}' })).toEqual({
      entries: [],
      unmanaged: [],
      notes: [],
    });
  });

  test.each([
    ['{', undefined, 'invalid_package_json', undefined],
    ['[]', undefined, 'invalid_package_json', ''],
    [json({ dependencies: [] }), undefined, 'invalid_package_json', 'dependencies'],
    [json({ dependencies: { a: 1 } }), undefined, 'invalid_package_json', 'dependencies.a'],
    [json({ devDependencies: 'x' }), undefined, 'invalid_package_json', 'devDependencies'],
    [
      json({ dependencies: { '../x': '1' } }),
      undefined,
      'invalid_package_name',
      'dependencies.../x',
    ],
    [
      '{"dependencies":{"__proto__":"1"}}',
      undefined,
      'invalid_package_name',
      'dependencies.__proto__',
    ],
    [json({ dependencies: { a: '!!' } }), undefined, 'invalid_specifier', 'dependencies.a'],
    ['{}', '{', 'invalid_package_json', undefined],
    ['{}', lock({}, 1), 'invalid_package_json', 'lockfileVersion'],
    ['{}', lock([]), 'invalid_package_json', 'packages'],
    ['{}', lock({ 'node_modules/a': null }), 'invalid_package_json', 'packages.node_modules/a'],
    [
      '{}',
      lock({ 'node_modules/a': { version: 1 } }),
      'invalid_package_json',
      'packages.node_modules/a.version',
    ],
  ])('refuses %s with lock %s: %s at %s', (packageJson, packageLock, code, key) => {
    expect(() => parsePackageJson({ packageJson, packageLock })).toThrow(
      expect.objectContaining({
        code,
        location: expect.objectContaining(key === undefined ? {} : { key }),
      }),
    );
  });
});
