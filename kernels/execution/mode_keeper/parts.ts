import type { Clusters } from './cluster/clusters.ts';
import type { ModeKeeperContext } from './config.ts';
import type { StepStore } from './driver/step-store.ts';
import type { ReadSamples } from './samples/read-samples.ts';
import type { WorkloadStore } from './workloads/workload-store.ts';

/** What the parts of this kernel share. */
export interface Parts {
  readonly context: ModeKeeperContext;
  readonly workloads: WorkloadStore;
  readonly clusters: Clusters;
  readonly readSamples: ReadSamples;
  readonly steps: StepStore;
}

/** How long the window of a workload is (ms). */
export const windowMs = (
  { config }: Pick<ModeKeeperContext, 'config'>,
  { window_s }: { readonly window_s: number | null },
): number => (window_s ?? config.window_s) * 1000;
