import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWheelHouse, missingVenv } from '@holdfast/testkit/fixtures';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../harness/run-program.ts';
import { ROOT, createStack, type Stack } from '../harness/stack.ts';
import { outputPattern, readTranscript } from './transcript.ts';

const noVenv = missingVenv();
const exchanges = readTranscript(readFileSync(join(ROOT, 'README.md'), 'utf8'));

describe.skipIf(noVenv !== undefined)(
  `the transcript of the README${noVenv ? ` (SKIPPED: ${noVenv})` : ''}`,
  () => {
    let stack: Stack;
    let folder: string;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'holdfast-readme-'));
      symlinkSync(join(ROOT, 'bin'), join(folder, 'bin'));
      const wheels = await createWheelHouse(join(folder, 'wheels'), [
        { name: 'six', version: '1.15.0' },
        { name: 'six', version: '1.16.0' },
      ]);
      stack = await createStack({ env: wheels.env });
    });
    afterAll(async () => {
      await stack.destroy();
      rmSync(folder, { recursive: true, force: true });
    });

    test('has the commands of the whole story', () => {
      expect(exchanges.length).toBeGreaterThan(15);
    });

    for (const [index, { command, expected, exit }] of exchanges.entries()) {
      test(`${index + 1}. ${command}`, async () => {
        const result = await runProgram('sh', ['-c', `exec 2>&1; ${command}`], {
          cwd: folder,
          env: stack.env,
        });
        expect(result.stdout).toMatch(outputPattern(expected));
        expect(result.code).toBe(exit);
      });
    }
  },
);
