import type { TunedWorkload } from '@holdfast/contracts';
import { observePrometheus } from '@holdfast/telemetry';
import { createSampleSeries, type KubeObject, type SampleSeries } from '@holdfast/tuning';
import type { Clusters } from '../cluster/clusters.ts';
import type { ModeKeeperContext } from '../config.ts';
import { observePodLogs } from './pod-logs.ts';
import { observeSampleFile } from './sample-file.ts';
import { since } from './window.ts';

/** `problem`: why there may be less in the series than there was. */
export interface Samples {
  readonly series: SampleSeries;
  readonly problem: string | undefined;
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Measures a workload: its samples of a window that ends now. `object` is the workload as it was read; never rejects. */
export type ReadSamples = (
  workload: Pick<TunedWorkload, 'context' | 'ref' | 'source'>,
  window: Window,
  object: KubeObject | undefined,
) => Promise<Samples>;

const none = (problem: string): Samples => ({ series: createSampleSeries(), problem });

export const createReadSamples = (
  { home }: Pick<ModeKeeperContext, 'home'>,
  clusters: Clusters,
): ReadSamples => {
  const observe: ReadSamples = async ({ context, ref, source }, { fromMs, toMs }, object) => {
    if ('file' in source) {
      const { series, error } = await observeSampleFile(home, source.file.path);
      return { series, problem: error };
    }
    if ('prometheus' in source) {
      const { url, ...columns } = source.prometheus;
      const { series, error } = await observePrometheus({
        url,
        mapping: { columns },
        startMs: fromMs,
        endMs: toMs,
        timeoutMs: 8_000,
        maxMiB: 8,
      });
      return { series, problem: error };
    }
    if (object === undefined) return none('its pods cannot be looked up');
    const { container, format } = source.pod_logs;
    // The log is asked for by whole seconds; what is older than the window is left out below.
    const sinceSeconds = Math.max(1, Math.ceil((toMs - fromMs) / 1000));
    const { namespace, name } = ref;
    const request = { object, namespace, name, container, format, sinceSeconds };
    const { series, error } = await observePodLogs(clusters(context), request);
    return { series, problem: error };
  };
  return async (workload, window, object) => {
    try {
      const { series, problem } = await observe(workload, window, object);
      return { series: since(series, window.fromMs), problem };
    } catch (error) {
      return none(error instanceof Error ? error.message : String(error));
    }
  };
};
