import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderSettings } from '../../apps/cli/src/service/windows/render-settings.ts';
import { runProgram } from '../harness/run-program.ts';
import { ROOT } from '../harness/stack.ts';

const noMono = ['mcs', 'mono'].find((name) => spawnSync(name, ['--version']).status !== 0);

/** Splits as CommandLineToArgvW and the C runtime do: backslashes count only in front of a quote. */
const splitArguments = (line: string): string[] => {
  const found: string[] = [];
  for (const [, text] of line.matchAll(/"((?:\\*[^\\"]|\\*\\"|\\)*?)"(?= |$)/g))
    found.push(
      text!.replace(/(\\+)("|$)/g, (_, slashes: string, next: string) =>
        '\\'.repeat(Math.floor(slashes.length / 2)).concat(next),
      ),
    );
  return found;
};

describe.skipIf(noMono !== undefined)(
  `the service program of Windows${noMono ? ` (SKIPPED: no ${noMono} here)` : ''}`,
  () => {
    let folder: string;
    let program: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'holdfast-windows-'));
      program = join(folder, 'HoldfastService.exe');
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test('compiles as C# 5 without a warning, and starts what its settings say', async () => {
      const source = join(ROOT, 'deploy', 'windows', 'HoldfastService.cs');
      const strict = ['-langversion:5', '-warn:4', '-warnaserror+'];
      const compiled = await runProgram('mcs', [
        ...strict,
        '-r:System.ServiceProcess',
        `-out:${program}`,
        source,
      ]);
      expect([compiled.code, compiled.stdout + compiled.stderr]).toEqual([0, '']);

      const node = 'C:\\Program Files\\nodejs\\node.exe';
      const script = 'D:\\hold fast & more\\bin\\holdfast';
      const home = 'C:\\Users\\a=b\\.holdfast\\';
      writeFileSync(
        join(folder, 'HoldfastService.conf'),
        renderSettings({
          scope: 'system',
          profile: 'pro',
          home,
          node,
          program: script,
          environment: { HOLDFAST_HOME: home },
        }),
      );
      const { stdout } = await runProgram('mono', [program, 'check']);
      const [line, ...environment] = stdout.trimEnd().split('\n');
      expect(splitArguments(line!)).toEqual([node, script, 'up']);
      expect(environment).toEqual([`HOLDFAST_HOME=${home}`]);
    });
  },
);

test('the scripts of Windows are ASCII with the names that the documents promise', () => {
  for (const name of ['install_windows.ps1', 'run_windows.ps1']) {
    const text = readFileSync(join(ROOT, 'scripts', name), 'utf8');
    expect(text).toMatch(/^[\t\n -~]+$/);
    expect(text).toContain('Set-StrictMode');
  }
  expect(readFileSync(join(ROOT, 'scripts', 'run_windows.ps1'), 'utf8')).toContain('$env:PROFILE');
});
