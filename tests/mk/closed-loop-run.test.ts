import { statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finished } from '../harness/run-program.ts';
import {
  createMkWorld,
  eventsOf,
  withLicence,
  type Json,
  type MkWorld,
} from './support/mk-world.ts';

const NO_CLUSTER = { KUBECTL: '', KUBECONFIG: '/nowhere' };
const ACTIONS = [
  { knob: 'grad_accum_steps', target: 8, reason: 'drift_detected', chord: 'DRIFT-RETUNE' },
  { knob: 'microbatch_size', target: 32, reason: 'drift_detected', chord: 'DRIFT-RETUNE' },
];

let world: MkWorld;
beforeEach(() => {
  world = createMkWorld();
});
afterEach(() => world.remove());

const report = (folder = 'cl'): Json => world.read(`${folder}/closed_loop_latest.json`);

describe('a dry run of drift', () => {
  let finished: Finished;
  beforeEach(async () => {
    finished = await world.mk('closed-loop run --scenario drift --dry-run --out cl', NO_CLUSTER);
  });

  it('ends with 0 and says nothing on standard error', () => {
    expect(finished).toMatchObject({ code: 0, stderr: '' });
  });

  it('writes every artifact of the contract', () => {
    expect(world.files('cl')).toEqual([
      expect.stringMatching(/^closed_loop_\d{8}_\d{6}\.json$/),
      'closed_loop_latest.json',
      'decision_trace_latest.jsonl',
      'explain.jsonl',
      'k8s_plan.json',
      'k8s_plan.kubectl.sh',
      'policy_bundle_latest.json',
      'summary.md',
    ]);
    expect(statSync(world.path('cl/k8s_plan.kubectl.sh')).mode & 0o777).toBe(0o755);
  });

  it('keeps the v0 envelope, with keys sorted and an indent of two', () => {
    const text = world.text('cl/closed_loop_latest.json');
    const found = report();
    expect(found).toMatchObject({
      schema_version: 'v0',
      out_dir: 'cl',
      mode: 'CLOSED_LOOP',
      apply_requested: false,
      dry_run: true,
      started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/),
    });
    const seconds =
      (Date.parse(String(found['finished_at'])) - Date.parse(String(found['started_at']))) / 1000;
    expect(found['duration_s']).toBe(seconds);
    expect(Object.keys(found)).toEqual(Object.keys(found).toSorted());
    expect(text).toBe(`${JSON.stringify(found, null, 2)}\n`);
  });

  it('copies the latest report byte for byte from the one with a time', () => {
    const [own = ''] = world.files('cl');
    expect(world.text(`cl/${own}`)).toBe(world.text('cl/closed_loop_latest.json'));
  });

  it('proposes the retune, applies nothing, and gives each proposal a result', () => {
    expect(report()).toMatchObject({
      policy: 'chord',
      proposed: ACTIONS,
      proposed_actions_count: 2,
      results: ACTIONS.map((action) => ({
        action,
        applied: false,
        blocked: false,
        reason: 'dry_run',
        dry_run: true,
      })),
      applied: [],
      blocked_reasons: {},
      apply_attempted: false,
      apply_ok: null,
      apply_blocked_reason: null,
      apply_decision_summary: 'apply not requested (dry-run)',
      verify_ok: null,
      k8s_verify_report_path: null,
      k8s_apply_report_path: null,
      signals: { drift: true, incident: true, stable: false, notes: ['loss_drift'] },
    });
  });

  it('has the value figures of the contract for this window', () => {
    expect(report()).toMatchObject({
      opportunity_tokens_est: 2944.549807,
      opportunity_hours_est: 0.000819,
      value_summary: {
        throughput: { step_time_ms_p50: 123.468323, step_time_ms_p95: 132.716978 },
      },
      assessment_result_class: 'signal_found',
      coverage_ok: true,
      sample_count: 60,
      window_s: 59,
    });
  });

  it('tells its events in order', () => {
    expect(eventsOf(world, 'cl')).toEqual([
      'closed_loop_drift_observed_knobs',
      'closed_loop_observe_source',
      'closed_loop_signals',
      'closed_loop_proposed',
      'k8s_plan_written',
      'k8s_kubectl_plan_written',
      'closed_loop_apply_result',
      'policy_decision',
      'closed_loop_report',
    ]);
  });

  it('traces the decision in one compact line with sorted keys', () => {
    const [line = ''] = world.text('cl/decision_trace_latest.jsonl').split('\n');
    const event = JSON.parse(line) as Json;
    expect(event).toMatchObject({
      schema_version: 'decision_trace_event.v0',
      tick: 0,
      chord: { id: 'DRIFT-RETUNE' },
      results: { apply_requested: false, dry_run: true },
    });
    expect(line).toBe(JSON.stringify(event));
    expect(Object.keys(event)).toEqual(Object.keys(event).toSorted());
  });

  it('plans one merged item whose values are text, on the workload and on its pod template', () => {
    const knobs = {
      annotations: {
        'modekeeper/knob.grad_accum_steps': '8',
        'modekeeper/knob.microbatch_size': '32',
      },
    };
    expect(JSON.parse(world.text('cl/k8s_plan.json'))).toEqual([
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        namespace: 'default',
        name: 'trainer',
        reason: 'coalesced',
        patch: { metadata: knobs, spec: { template: { metadata: knobs } } },
      },
    ]);
    expect(world.text('cl/k8s_plan.kubectl.sh')).toMatch(
      /kubectl -n default patch deployment\/trainer --type merge -p '\{/,
    );
  });

  it('names the policy and where it comes from', () => {
    expect(world.read('cl/policy_bundle_latest.json')).toMatchObject({
      schema_version: 'policy_bundle.v1',
      bundle_version: 1,
      policy: { id: 'chord', version: 'v1' },
      inputs: { passport_id: null, chord_catalog_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      rollback: { mode: 'skeleton', from_verify_report: null, rollback_plan_path: null },
    });
  });

  it('asks no kubectl', () => {
    expect(world.calls()).toEqual([]);
  });
});

describe('closed-loop run', () => {
  it('never overwrites the report of an earlier run of the same second', async () => {
    for (const _ of [1, 2, 3]) await world.mk('closed-loop run --out cl', NO_CLUSTER);
    const own = world.files('cl').filter((name) => /^closed_loop_\d/.test(name));
    expect(own).toHaveLength(3);
    expect(world.lines('cl/decision_trace_latest.jsonl')).toHaveLength(3);
  });

  it('proposes nothing for a stable workload, and verifies and applies nothing', async () => {
    const { code } = await world.mk('closed-loop run --scenario baseline --apply --out cl');
    expect(code).toBe(0);
    expect(JSON.parse(world.text('cl/k8s_plan.json'))).toEqual([]);
    expect(eventsOf(world, 'cl')).toContain('closed_loop_apply_skipped');
    expect(world.files('cl')).not.toContain('k8s_verify_latest.json');
    expect(report()).toMatchObject({ apply_attempted: false, apply_blocked_reason: null });
  });

  it('compares the knobs of the workload where a kubectl is named', async () => {
    await world.mk('closed-loop run --out cl');
    expect(report()['signals']).toMatchObject({
      drift: true,
      notes: ['k8s_deployment_template_knobs', 'k8s_knob_drift'],
    });
    const [first] = world.lines('cl/explain.jsonl');
    expect(first).toMatchObject({
      payload: {
        k8s_mode_requested: true,
        k8s_mode_active: true,
        k8s_drift_triggered: true,
        observed_knobs: { grad_accum_steps: '4', microbatch_size: '64' },
      },
    });
  });

  it('proposes nothing where the knobs are what they should be', async () => {
    world.remove();
    world = createMkWorld({
      'modekeeper/knob.grad_accum_steps': '8',
      'modekeeper/knob.microbatch_size': '32',
    });
    await world.mk('closed-loop run --out cl');
    expect(report()).toMatchObject({ proposed: [], signals: { stable: true } });
  });

  it('blocks an advanced chord by itself, and applies the rest', async () => {
    const licensed = await withLicence(world);
    const { code } = await world.mk(
      'closed-loop run --scenario straggler --apply --out cl',
      licensed,
    );
    expect(code).toBe(0);
    expect(report()).toMatchObject({
      apply_ok: true,
      blocked_reasons: { approval_required: 1 },
      results: [
        { action: { knob: 'dataloader_num_workers' }, applied: true, reason: 'k8s_apply' },
        {
          action: { knob: 'timeout_ms' },
          applied: false,
          blocked: true,
          reason: 'approval_required',
          dry_run: true,
        },
      ],
    });
    expect(world.text('cl/k8s_plan.json')).not.toContain('timeout_ms');
  });

  it('applies an advanced chord that is approved', async () => {
    const licensed = await withLicence(world);
    await world.mk(
      'closed-loop run --scenario straggler --apply --approve-advanced --out cl',
      licensed,
    );
    expect(report()).toMatchObject({ apply_ok: true, blocked_reasons: {} });
    expect(world.text('cl/k8s_plan.json')).toContain('timeout_ms');
  });

  it('says 1 and which item failed where the cluster refuses the patch itself', async () => {
    const licensed = await withLicence(world);
    world.change((state) => {
      state.answers = [
        {
          args: ['-n', 'default', 'patch', 'deployment/trainer', '--type', 'merge', '-p', '*'],
          rc: 1,
          stderr: 'Error from server: not today\n',
        },
      ];
    });
    const { code, stderr } = await world.mk('closed-loop run --apply --out cl', licensed);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ERROR: apply failed .*\n$/);
    expect(report()).toMatchObject({
      apply_attempted: true,
      apply_ok: false,
      apply_decision_summary: 'apply executed: failed',
      k8s_apply_rc: 1,
    });
    expect((report()['results'] as Json[])[0]).toMatchObject({ reason: 'k8s_apply_failed' });
    expect(world.read('cl/k8s_apply_latest.json')).toMatchObject({
      ok: false,
      items: [
        { ok: false, rc: 1, patch_attempted: true, stderr: expect.stringContaining('not today') },
      ],
    });
  });

  it('records nothing of a synthetic source, and says so', async () => {
    await world.mk('closed-loop run --observe-record-raw raw.log --out cl', NO_CLUSTER);
    expect(eventsOf(world, 'cl')).toContain('record_raw_error');
    expect(report()).toMatchObject({ observe_record_raw_lines_written: 0 });
  });

  it('uses the scalar policy where it is asked for', async () => {
    await world.mk('closed-loop run --scenario burst --policy scalar --out cl', NO_CLUSTER);
    expect(report()).toMatchObject({
      policy: 'scalar',
      proposed: [{ knob: 'concurrency', target: 5, reason: 'scalar', chord: 'SCALAR' }],
    });
  });
});
