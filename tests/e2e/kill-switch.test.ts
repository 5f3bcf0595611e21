import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change } from '@holdfast/contracts';
import { missingVenv } from '@holdfast/testkit/fixtures';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDemoEnvironment, type DemoEnvironment } from '../harness/demo-environment.ts';
import { patiently } from '../harness/patiently.ts';
import { configWith } from '../harness/quick-config.ts';
import { killHard, runningProcesses } from '../harness/running-processes.ts';
import { createStack, type Stack } from '../harness/stack.ts';

const noVenv = missingVenv();

describe.skipIf(noVenv !== undefined)(
  `the kill switch${noVenv ? ` (SKIPPED: ${noVenv})` : ''}`,
  () => {
    let folder: string;
    let stack: Stack;
    let demo: DemoEnvironment;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'holdfast-switch-'));
      stack = await createStack({
        env: { HOLDFAST_CONFIG_DIR: configWith(join(folder, 'config'), { watch_s: 0 }) },
      });
      demo = await createDemoEnvironment(join(folder, 'demo'));
      Object.assign(stack.env, demo.env);
      const done = [
        await stack.up(),
        await stack.cli('baseline', 'set', '--from', demo.manifests, '--env', demo.venv),
      ];
      for (const { code, stderr } of done) if (code !== 0) throw new Error(stderr);
    });
    afterAll(async () => {
      await stack.destroy();
      await demo.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test('holds a step whose agent was killed in the middle of it, until it is turned off', async () => {
      expect((await demo.pip('install', '--quiet', 'holdfast-demo-a==2.0.0')).code).toBe(0);
      const lib = join(demo.venv, 'lib');
      const site = join(
        lib,
        readdirSync(lib).find((name) => name.startsWith('python'))!,
        'site-packages',
      );
      const hook = join(site, 'sitecustomize.py');
      const begun = join(folder, 'begun');
      // Every install that is no dry run says that it began, and the first one never ends.
      writeFileSync(
        hook,
        `import os, sys, time
if 'install' in sys.argv and '--dry-run' not in sys.argv:
    first = not os.path.exists(${JSON.stringify(begun)})
    open(${JSON.stringify(begun)}, 'a').write('x')
    if first:
        time.sleep(600)
`,
      );
      const change = await stack.governance.proposeChange({
        kind: 'packages.repair',
        target: { host: 'local' },
      });
      await expect.poll(() => existsSync(begun), { timeout: 60_000 }).toBe(true);
      await stack.governance.freeze({ reason: 'stop everything' });
      const agent = (await runningProcesses(stack.home)).find((one) => one.name === 'agent')!;
      expect(await killHard(agent)).toBe(true);
      await expect
        .poll(async () => (await stack.infrastructure.getHost({ id: 'local' })).agent.connected, {
          timeout: 30_000,
        })
        .toBe(true);

      // Several rounds of the workflow engine's own polling pass while nothing may start.
      for (let look = 0; look < 6; look += 1) {
        const seen: Change = await stack.governance.getChange({
          id: change.id,
          after_version: 10_000,
          wait_ms: 1_000,
        });
        expect(seen.state).toBe('applying');
      }
      expect(await demo.pipVersion('holdfast-demo-a')).toBe('2.0.0');

      await stack.governance.unfreeze({});
      await expect
        .poll(
          async () => (await patiently(() => stack.governance.getChange({ id: change.id }))).state,
          { timeout: 90_000 },
        )
        .toBe('done');
      expect(await demo.pipVersion('holdfast-demo-a')).toBe('1.1.0');
    });
  },
);
