import type { Action } from '@holdfast/tuning';
import type { OutDir } from '../artifacts/out-dir.ts';
import type { LazyCluster } from '../cluster/lazy-cluster.ts';
import type { LoopOptions } from './loop-options.ts';
import type { SessionChange } from './session-history.ts';

/** What one pass of the loop works with. */
export interface LoopContext {
  readonly options: LoopOptions;
  readonly env: NodeJS.ProcessEnv;
  readonly now: () => number;
  readonly out: OutDir;
  /** Counts the passes of a session from 0. */
  readonly tick: number;
  /** Opened when it is first asked for; its calls end when the session is told to stop. */
  readonly cluster: LazyCluster;
  /** The same cluster for what must not be cut short: an apply. */
  readonly applyCluster: LazyCluster;
  /** What this session applied before. */
  readonly history: readonly SessionChange[];
  /** What of that was taken back, or should have been. */
  readonly reverted: readonly Action[];
  /** Aborted when the session is told to stop. */
  readonly signal?: AbortSignal;
}
