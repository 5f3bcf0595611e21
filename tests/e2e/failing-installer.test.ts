import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change, Drift } from '@holdfast/contracts';
import { missingVenv } from '@holdfast/testkit/fixtures';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDemoEnvironment, type DemoEnvironment } from '../harness/demo-environment.ts';
import { configWith } from '../harness/quick-config.ts';
import { createStack, type Stack } from '../harness/stack.ts';

const noVenv = missingVenv();
const STEP_TIMEOUT_S = 4;

/** Python reads this at every start: an install that is no dry run hangs for good. */
const HANG = `import sys, time
if 'install' in sys.argv and '--dry-run' not in sys.argv:
    time.sleep(600)
`;

describe.skipIf(noVenv !== undefined)(
  `an installer that fails${noVenv ? ` (SKIPPED: ${noVenv})` : ''}`,
  () => {
    let folder: string;
    let stack: Stack;
    let demo: DemoEnvironment;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'holdfast-failing-'));
      const config = configWith(join(folder, 'config'), {
        watch_s: 0,
        step_timeout_s: STEP_TIMEOUT_S,
      });
      stack = await createStack({ env: { HOLDFAST_CONFIG_DIR: config } });
      demo = await createDemoEnvironment(join(folder, 'demo'));
      Object.assign(stack.env, demo.env);
      const done = [
        await stack.up(),
        await stack.cli(
          'baseline',
          'set',
          '--from',
          demo.manifests,
          '--env',
          demo.venv,
          '--env',
          demo.project,
        ),
      ];
      for (const { code, stderr } of done) if (code !== 0) throw new Error(stderr);
    });
    afterAll(async () => {
      await stack.destroy();
      await demo.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const sitePackages = (): string => {
      const lib = join(demo.venv, 'lib');
      return join(
        lib,
        readdirSync(lib).find((name) => name.startsWith('python'))!,
        'site-packages',
      );
    };
    const repair = async (): Promise<{ code: number | null; change: Change }> => {
      const result = await stack.cli('propose', 'repair', '--json');
      return { code: result.code, change: result.json<Change>() };
    };

    test('that hangs is ended at the step limit, and nothing is left running or changed', async () => {
      expect((await demo.pip('install', '--quiet', 'holdfast-demo-a==2.0.0')).code).toBe(0);
      const hook = join(sitePackages(), 'sitecustomize.py');
      writeFileSync(hook, HANG);
      const { code, change } = await repair();
      rmSync(hook);
      expect([code, change.state]).toEqual([1, 'failed']);
      expect(change.reasons[0]?.code).toBe('step_timeout');
      expect(await demo.pipVersion('holdfast-demo-a')).toBe('2.0.0');
      const drift = (await stack.cli('drift', '--json')).json<Drift>();
      expect(drift.entries.map((entry) => [entry.package, entry.actual])).toEqual([
        ['holdfast-demo-a', '2.0.0'],
      ]);
      expect((await repair()).change.state).toBe('done');
    });

    test('that cannot find the version fails by name, and the environment is as it was', async () => {
      expect((await demo.pip('install', '--quiet', 'holdfast-demo-a==2.0.0')).code).toBe(0);
      const wheels = join(demo.root, 'wheels');
      for (const file of readdirSync(wheels))
        if (file.startsWith('holdfast_demo_a-1.1.0')) rmSync(join(wheels, file));
      const { code, change } = await repair();
      expect([code, change.state]).toEqual([1, 'failed']);
      expect(JSON.stringify(change.reasons)).toContain('holdfast-demo-a');
      expect(await demo.pipVersion('holdfast-demo-a')).toBe('2.0.0');
    });

    test('whose registry is away fails with the reason, never done', async () => {
      await demo.close();
      rmSync(join(demo.project, 'node_modules', 'holdfast-demo-x'), { recursive: true });
      rmSync(join(demo.root, 'npm-cache'), { recursive: true, force: true });
      const { code, change } = await repair();
      expect([code, change.state]).toEqual([1, 'failed']);
      expect(change.reasons.map((reason) => reason.detail).join()).not.toBe('');
      expect(readdirSync(join(demo.project, 'node_modules'))).not.toContain('holdfast-demo-x');
    });
  },
);
