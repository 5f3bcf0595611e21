import type { Observed } from '@holdfast/telemetry';
import type { OutDir } from '../artifacts/out-dir.ts';
import type { CollectOptions } from './collect.ts';

/** What the explain log says about where samples came from. */
export const sourceFacts = (options: CollectOptions, observed: Observed): object => ({
  source: options.source,
  path: options.path ?? null,
  scenario: options.source === 'synthetic' ? options.scenario : null,
  duration_ms: options.durationMs,
  k8s_namespace: options.namespace,
  k8s_deployment: options.deployment,
  container: options.container,
  sample_count: observed.series.length,
  window_s: observed.window_s,
  error: observed.error ?? null,
});

/** The fields of a report about ingestion and recording. */
export const ingestFields = ({ ingest, record }: Observed): object => ({
  ...(ingest === undefined ? {} : { observe_ingest: ingest }),
  observe_record_raw_path: record?.path ?? null,
  observe_record_raw_lines_written: record?.lines_written ?? 0,
});

/** Notes a recording that did not work. It stops nothing. */
export const explainRecord = (out: OutDir, { record }: Observed): void => {
  if (record?.error !== undefined)
    out.explain('record_raw_error', { path: record.path, error: record.error });
};
