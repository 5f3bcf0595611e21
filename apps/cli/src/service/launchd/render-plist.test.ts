import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MARKER, type ServiceSpec } from '../service-spec.ts';
import { anySpec } from '../test-support/any-spec.ts';
import { renderPlist } from './render-plist.ts';

const template = readFileSync(
  new URL('../../../../../deploy/launchd/holdfast.plist', import.meta.url),
  'utf8',
);
const render = (spec: ServiceSpec): string =>
  renderPlist(template, spec, { label: 'holdfast.stack', errors: '/var/log/a & b.err' });

/** Python's reader of property lists, on all of them at once. */
const read = (plists: readonly string[]): Record<string, unknown>[] => {
  const program =
    'import sys,json,plistlib;print(json.dumps([plistlib.loads(p.encode()) for p in json.load(sys.stdin)]))';
  const output = execFileSync('python3', ['-c', program], {
    input: JSON.stringify(plists),
    encoding: 'utf8',
    env: { ...process.env, PYTHONUTF8: '1' },
  });
  return JSON.parse(output) as Record<string, unknown>[];
};

const hasPython = (() => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasPython)(
  `a reader of property lists gets back any spec${hasPython ? '' : ' (SKIPPED: no python3)'}`,
  () => {
    const specs = fc.sample(anySpec('system'), 200);
    const lists = read(specs.map(render));
    expect(lists.length).toBe(200);
    for (const [at, list] of lists.entries()) {
      const { node, program, environment, runAs } = specs[at]!;
      expect(list).toMatchObject({
        Label: 'holdfast.stack',
        ProgramArguments: [node, program, 'up'],
        KeepAlive: { SuccessfulExit: false },
        StandardErrorPath: '/var/log/a & b.err',
      });
      expect(list['EnvironmentVariables']).toEqual(environment);
      expect(list['UserName']).toBe(runAs);
    }
  },
);

test('the property list carries the mark', () => {
  const spec = { scope: 'user', profile: 'user', home: '/h', node: '/n', program: '/p' } as const;
  expect(render({ ...spec, environment: {} })).toContain(`<!-- ${MARKER} -->`);
});
