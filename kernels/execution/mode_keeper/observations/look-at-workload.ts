import type { TunedWorkload, WorkloadObservation } from '@holdfast/contracts';
import {
  assess,
  CATALOG,
  decideActions,
  detectDistress,
  detectSignals,
  readWorkload,
  WorkloadError,
  type SourceKind,
  type Workload,
} from '@holdfast/tuning';
import { readObject } from '../cluster/read-object.ts';
import { windowMs, type Parts } from '../parts.ts';
import { paceOf } from '../samples/window.ts';

const PROBLEM_LENGTH = 2_000;

/** What one look saw; what becomes of it is decided elsewhere. */
export interface Look {
  /** With neither a change nor a note. */
  readonly observation: WorkloadObservation;
  /** Undefined where the workload could not be read: then only what is proposed is known, not what would be right. */
  readonly workload: Workload | undefined;
}

const readAs = (object: Readonly<Record<string, unknown>>): Workload | { problem: string } => {
  try {
    return readWorkload(object);
  } catch (error) {
    if (!(error instanceof WorkloadError)) throw error;
    return { problem: error.message };
  }
};

const sourceKindOf = ({ source }: TunedWorkload): SourceKind => {
  if ('pod_logs' in source) return 'k8s';
  return 'prometheus' in source ? 'metrics' : 'file';
};

/** Reads a workload and its samples, and decides what the engine would do about it now. */
export const lookAtWorkload = async (parts: Parts, record: TunedWorkload): Promise<Look> => {
  const { context, clusters, readSamples } = parts;
  const toMs = context.clock.now();
  const read = await readObject(clusters(record.context), record.ref);
  const object = 'object' in read ? read.object : undefined;
  const fromMs = toMs - windowMs(context, record);
  const { series, problem } = await readSamples(record, { fromMs, toMs }, object);
  const found = 'object' in read ? readAs(read.object) : { problem: read.detail };
  const workload = 'state' in found ? found : undefined;
  const signals = detectSignals(series);
  const distress = detectDistress(series);
  const { proposed, allowed, blocked } = decideActions({
    policy: record.policy,
    signals,
    distress,
    catalog: CATALOG,
    applying: record.mode === 'propose',
    approveAdvanced: record.approve_advanced,
    state: workload?.state,
    nowMs: toMs,
    cooldownS: record.cooldown_s,
    maxDeltaPerStep: record.max_delta_per_step,
  });
  const times = [...series.values('timestamp_ms')];
  const spanMs =
    times.reduce((a, b) => Math.max(a, b), 0) - times.reduce((a, b) => Math.min(a, b), toMs);
  const assessment = assess({
    series,
    signals,
    window_s: times.length < 2 ? 0 : spanMs / 1000,
    source: sourceKindOf(record),
    actionable_proposal_count: allowed.length,
  });
  const problems = [
    ...('problem' in found ? [`workload: ${found.problem}`] : []),
    ...(problem === undefined ? [] : [`samples: ${problem}`]),
  ];
  return {
    workload,
    observation: {
      id: context.ids('obs'),
      workload: record.id,
      at: new Date(toMs).toISOString(),
      problem: problems.length === 0 ? null : problems.join('; ').slice(0, PROBLEM_LENGTH),
      window_s: (toMs - fromMs) / 1000,
      values: paceOf(series),
      signals,
      distress,
      assessment,
      knobs: { ...workload?.state.knobs },
      proposed,
      allowed,
      blocked,
      change: null,
      note: null,
    },
  };
};
