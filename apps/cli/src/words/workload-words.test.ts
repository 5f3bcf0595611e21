import type { TunedWorkload, WorkloadObservation } from '@holdfast/contracts';
import { expect, it } from 'vitest';
import {
  observationTable,
  observationWords,
  workloadTable,
  workloadWords,
} from './workload-words.ts';

// eslint-disable-next-line no-control-regex
const plain = (text: string): string => text.replace(/\u001b\[\d+m/g, '');

const workload: TunedWorkload = {
  id: 'trainer',
  context: 'kind',
  ref: { kind: 'Deployment', namespace: 'ml', name: 'trainer' },
  source: { pod_logs: { container: null, format: 'default' } },
  policy: 'chord',
  mode: 'propose',
  interval_s: null,
  window_s: null,
  cooldown_s: 600,
  max_delta_per_step: 0,
  approve_advanced: false,
  registered_by: 'owner',
  registered_at: '2026-11-21T05:00:00.000Z',
  updated_at: '2026-11-21T05:00:00.000Z',
  observed_at: null,
  change: 'chg_1',
};

const retune = { knob: 'grad_accum_steps', target: 8, reason: 'drift', chord: 'DRIFT-RETUNE' };
const seen: WorkloadObservation = {
  id: 'obs_1',
  workload: 'trainer',
  at: '2026-11-21T05:01:00.000Z',
  problem: null,
  window_s: 60,
  values: { step_time_ms: 100.04, throughput: null },
  signals: {
    incident: false,
    stable: false,
    drift: true,
    burst: false,
    straggler: false,
    gpu_saturated: false,
    notes: ['loss grows'],
  },
  distress: { comm_congestion: false, near_hang: false },
  assessment: {
    assessment_result_class: 'signal_found',
    coverage_ok: true,
    sample_count: 31,
    window_s: 30,
    sources_seen: [],
    evidence_quality: 'high',
    insufficient_evidence_reasons: [],
    signal_count: 1,
    actionable_proposal_count: 1,
  },
  knobs: { grad_accum_steps: 4 },
  proposed: [retune],
  allowed: [retune],
  blocked: [{ action: { ...retune, knob: 'concurrency' }, reason: 'cooldown_active' }],
  change: 'chg_1',
  note: null,
};

it('says of a workload where it runs, what it is measured by and how far it may be tuned', () => {
  expect(workloadWords(workload).split('\n')).toEqual([
    'trainer: Deployment ml/trainer in kind',
    '  mode propose, policy chord, measured by pod logs',
    '  limits: at least 600 s between two changes, no limit for one step, no advanced chords',
    '  registered by owner at 2026-11-21T05:00:00.000Z',
    '  last change chg_1',
  ]);
  const filed = { ...workload, source: { file: { path: 'a.csv' } } };
  expect(workloadWords(filed)).toContain('measured by the file a.csv');
});

it('lists workloads, and says so when there is none', () => {
  expect(workloadTable([])).toBe('no workload is registered');
  expect(plain(workloadTable([workload]))).toMatch(
    /\ntrainer +Deployment ml\/trainer in kind +propose +- +chg_1$/,
  );
});

it('tells what a look saw, what is allowed, what is not and why', () => {
  expect(plain(observationWords(seen)).split('\n')).toEqual([
    'trainer at 2026-11-21T05:01:00.000Z: drift',
    '  31 samples in 60 s, step time 100 ms, throughput -',
    '  knobs grad_accum_steps=4',
    '  allowed: grad_accum_steps to 8 under DRIFT-RETUNE',
    '  blocked: concurrency to 8 under DRIFT-RETUNE (cooldown_active)',
    '  change chg_1',
  ]);
  const calm = { ...seen, signals: { ...seen.signals, drift: false, stable: true } };
  expect(observationWords(calm)).toContain('nothing out of the ordinary');
  const unseen = { assessment_result_class: 'insufficient_evidence' as const };
  const blind = { ...calm, assessment: { ...seen.assessment, ...unseen } };
  expect(observationWords(blind)).toContain(': too little to tell');
});

it('lists looks with what stood in their way', () => {
  expect(observationTable([])).toBe('nothing was seen yet');
  const failed = { ...seen, problem: 'workload: forbidden', change: null };
  const lines = plain(observationTable([seen, failed])).split('\n');
  expect(lines[1]).toMatch(/ drift +100 ms +- +chg_1$/);
  expect(lines[2]).toMatch(/ failed .* - +workload: forbidden$/);
});
