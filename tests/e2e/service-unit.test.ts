import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderUnit } from '../../apps/cli/src/service/systemd/render-unit.ts';
import { runProgram, type Finished } from '../harness/run-program.ts';
import { ROOT } from '../harness/stack.ts';

const missing = spawnSync('systemd-analyze', ['--version']).status !== 0;

/** Programs in folders whose names mean something to systemd. */
const PLACES = [
  'plain',
  'with blanks',
  '100%',
  '%n %h',
  '$HOME',
  '${HOME} $$',
  'a;b',
  '#c',
  '-d',
  '~',
];

describe.skipIf(missing)(
  `units before the real systemd${missing ? ' (SKIPPED: no systemd-analyze here)' : ''}`,
  () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'holdfast-unit-'));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const verify = async (scope: 'user' | 'system', node: string): Promise<Finished> => {
      const template = readFileSync(join(ROOT, 'deploy', 'systemd', `${scope}.service`), 'utf8');
      const home = join(folder, `a "home" with 'quotes', \\s, 50% and $PATH`);
      const text = renderUnit(template, {
        scope,
        profile: 'user',
        home,
        node,
        program: join(ROOT, 'bin', 'holdfast'),
        runAs: scope === 'system' ? 'daemon' : undefined,
        environment: { HOLDFAST_HOME: home, PATH: '/usr/bin:/bin' },
      });
      const file = join(folder, 'holdfast.service');
      writeFileSync(file, text);
      return runProgram('systemd-analyze', ['verify', '--man=no', `--${scope}`, file], {
        env: { ...process.env, XDG_RUNTIME_DIR: folder },
      });
    };

    for (const scope of ['user', 'system'] as const)
      for (const place of PLACES)
        test(`${scope}: is right, and finds the program in ${JSON.stringify(place)}`, async () => {
          mkdirSync(join(folder, place), { recursive: true });
          const node = join(folder, place, 'node');
          const absent = await verify(scope, `${node}-absent`);
          expect(absent.stderr).toContain('is not executable');
          copyFileSync('/bin/true', node);
          const { code, stdout, stderr } = await verify(scope, node);
          expect(stderr.split('\n').filter((line) => line.includes('holdfast'))).toEqual([]);
          expect(stdout).toBe('');
          expect(code).toBe(0);
        });
  },
);
