/** One knob that was changed, under which chord and when (epoch milliseconds). */
export interface AppliedChange {
  readonly chord: string;
  readonly knob: string;
  readonly at_ms: number;
}

/** What is known about a workload before it is changed. A knob that is not there has no known value. */
export interface WorkloadState {
  readonly knobs: Readonly<Record<string, number>>;
  readonly replicas?: number;
  /** What the owner declared; the knobs may have drifted away from it. NaN: no batch can be read from what was declared. */
  readonly global_batch?: number;
  readonly history: readonly AppliedChange[];
}
