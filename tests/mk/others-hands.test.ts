import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import {
  createMkWorld,
  eventsOf,
  MK,
  templateKnobs,
  withLicence,
  type Json,
  type MkWorld,
} from './support/mk-world.ts';

let world: MkWorld;
let licensed: NodeJS.ProcessEnv;
beforeEach(async () => {
  world = createMkWorld();
  licensed = await withLicence(world);
});
afterEach(() => world.remove());

const STEPS = 'modekeeper/knob.grad_accum_steps';
const WORKERS = 'modekeeper/knob.dataloader_num_workers';
const knobs = (): Record<string, string> => templateKnobs(world);

/** What somebody with another tool does to the trainer. */
const somebodySets = (annotations: Record<string, string>): void =>
  world.change(({ objects }) => {
    const trainer = objects.find(({ kind }) => kind === 'Deployment')!;
    const template = trainer.spec!['template'] as { metadata: { annotations: object } };
    Object.assign(template.metadata.annotations, annotations);
    trainer.metadata.resourceVersion = String(Number(trainer.metadata.resourceVersion) + 1);
  });

/**
 * A kubectl that runs a line of shell before it does what it is asked to, for the calls that `pattern` names. `once`: for the
 * first of them only.
 */
const meddling = (pattern: string, line: string): NodeJS.ProcessEnv => {
  world.write(
    'kubectl',
    `#!/bin/sh
case "$*" in ${pattern}) if mkdir '${world.path('done')}' 2>/dev/null; then ${line}; fi ;; esac
exec '${world.env['KUBECTL']}' "$@"
`,
  );
  chmodSync(world.path('kubectl'), 0o755);
  return { ...licensed, KUBECTL: world.path('kubectl') };
};

/** Shell that edits the trainer in the world file: `edit` is JavaScript on `trainer`. */
const editing = (edit: string): string => {
  world.write(
    'edit.mjs',
    `import { readFileSync, writeFileSync } from 'node:fs';
const file = ${JSON.stringify(world.path('world.json'))};
const world = JSON.parse(readFileSync(file, 'utf8'));
const trainer = world.objects.find(({ kind }) => kind === 'Deployment');
${edit}
trainer.metadata.resourceVersion = String(Number(trainer.metadata.resourceVersion) + 1);
writeFileSync(file, JSON.stringify(world));
`,
  );
  return `'${process.execPath}' '${world.path('edit.mjs')}'`;
};

const ROLLBACK = 'k8s rollback --plan cl/rollback_plan_latest.json --out rb';

describe('a rollback of what somebody else has set since', () => {
  it('is refused, names the field, and changes nothing', async () => {
    await world.mk('closed-loop run --apply --out cl', licensed);
    somebodySets({ [STEPS]: '16' });
    const theirs = knobs();
    const { code, stderr } = await world.mk(ROLLBACK, licensed);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `ERROR: rollback blocked: rollback_conflict: default/trainer: spec.template.metadata.annotations.${STEPS} is "16", it was set to "8"\n`,
    });
    expect(knobs()).toEqual(theirs);
    expect(world.read('rb/k8s_rollback_latest.json')).toMatchObject({
      ok: false,
      block_reason: 'rollback_conflict',
    });
  });

  it('goes on where they set something else, which stays', async () => {
    const before = knobs();
    await world.mk('closed-loop run --apply --out cl', licensed);
    somebodySets({ theirs: 'x' });
    const { code, stderr } = await world.mk(ROLLBACK, licensed);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(knobs()).toEqual({ ...before, theirs: 'x' });
  });

  it('is refused where they set it between its verification and its patch', async () => {
    await world.mk('closed-loop run --apply --out cl', licensed);
    const env = meddling(
      '*--dry-run=server*',
      editing(`trainer.spec.template.metadata.annotations['${STEPS}'] = '16';`),
    );
    const { code, stderr } = await world.mk(ROLLBACK, env);
    expect(code).toBe(2);
    expect(stderr).toContain('is "16", it was set to "8"');
    expect(knobs()).toMatchObject({ [STEPS]: '16' });
  });

  it('is tried again where only the version of the object moved on, as its status does', async () => {
    const before = knobs();
    await world.mk('closed-loop run --apply --out cl', licensed);
    const env = meddling('*--dry-run=server*', editing('trainer.status.replicas = 1;'));
    const { code, stderr } = await world.mk(ROLLBACK, env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(knobs()).toEqual(before);
  });
});

const logged = (): void =>
  world.change((state) => {
    const line = (stamp: string, stepMs: number) =>
      `${stamp} ${JSON.stringify({ step_time_ms: stepMs, loss: 1, worker_latencies_ms: [1, 1, 9] })}`;
    state.logs['default/trainer-1'] = Array.from({ length: 20 }, (_, index) =>
      line(`2026-01-01T00:00:${String(index).padStart(2, '0')}.000000000Z`, 100),
    );
  });

const LOOP = '--observe-source k8s --scenario x --apply --out cl';

describe('the automatic way back', () => {
  it('leaves alone what somebody has set since, says so, and the run ends with 1', async () => {
    logged();
    const args = `closed-loop run ${LOOP} --watch-window 1h`.split(' ');
    const child = spawn(MK, args, {
      cwd: world.folder,
      env: { ...world.env, ...licensed },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = once(child, 'close');
    await until(
      'the window begins',
      () =>
        world.files('.').includes('cl') &&
        eventsOf(world, 'cl').includes('closed_loop_regression_watch_start'),
    );
    somebodySets({ [WORKERS]: '7' });
    child.kill('SIGTERM');
    expect(await ended).toEqual([1, null]);
    expect(stderr).toMatch(
      /^ERROR: rollback refused: rollback_conflict: default\/trainer: \S+ is "7", it was set to "2": it stays as it is, although .*\n$/,
    );
    expect(knobs()).toMatchObject({ [WORKERS]: '7' });
    expect(world.read('cl/closed_loop_latest.json')).toMatchObject({
      revert: { ok: false, reason: 'rollback_conflict' },
    });
  }, 30_000);

  it('is not followed by the same action, whatever its cooldown', async () => {
    logged();
    const { code } = await world.mk(
      `closed-loop watch ${LOOP} --watch-window 20ms --interval 0 --max-iterations 2`,
      licensed,
    );
    expect(code).toBe(1);
    const [action] = world.read('cl/iter_0002/closed_loop_latest.json')['results'] as Json[];
    expect(action).toMatchObject({ blocked: true, reason: 'reverted_before' });
  });
});

describe('an apply', () => {
  it('keeps the invariants of the workload that it meets, not of the one that was looked at', async () => {
    world.change(({ objects }) => {
      for (const object of objects)
        if (object.kind === 'Deployment')
          object.metadata.annotations = { 'modekeeper/global_batch_size': '256' };
    });
    const before = knobs();
    const env = meddling('"get namespace/default -o name"', editing('trainer.spec.replicas = 2;'));
    const { code, stderr } = await world.mk('closed-loop run --apply --out cl', env);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'ERROR: apply blocked: invariant_violated\n',
    });
    expect(knobs()).toEqual(before);
  });

  it('counts once for a budget of the session that made it', async () => {
    logged();
    const { code } = await world.mk(
      `closed-loop watch ${LOOP} --approve-advanced --cooldown-s 0 --watch-window 0 --interval 0 --max-iterations 3`,
      licensed,
    );
    expect(code).toBe(0);
    const reasons = [1, 2, 3].map((count) => {
      const report = world.read(`cl/iter_000${count}/closed_loop_latest.json`);
      const results = report['results'] as { action: Json; reason: string }[];
      return results.find(({ action }) => action['knob'] === 'timeout_ms')?.reason;
    });
    expect(reasons).toEqual(['k8s_apply', 'k8s_apply', 'budget_exhausted']);
  });
});

describe('a program that is killed in the middle of an apply', () => {
  it.each([
    ['before the server took the patch', `kill -9 "$PPID"; exit 1`],
    ['after it', `'$KUBECTL' "$@"; kill -9 "$PPID"; exit 0`],
  ])('%s leaves a way back that works', async (_, line) => {
    const before = knobs();
    const env = meddling(
      '*--dry-run*) ;; "-n default patch "*',
      line.replace('$KUBECTL', world.env['KUBECTL']!),
    );
    expect((await world.mk('closed-loop run --apply --out cl', env)).code).toBe(null);
    const { code, stderr } = await world.mk(ROLLBACK, licensed);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(knobs()).toEqual(before);
  });
});
