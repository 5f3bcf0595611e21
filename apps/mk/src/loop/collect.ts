import type { Cluster } from '@holdfast/kube';
import {
  logWindowSeconds,
  observeFile,
  observeLog,
  observeOtlpFile,
  observePrometheus,
  observeSynthetic,
  parseMetricMapping,
  type Observed,
} from '@holdfast/telemetry';
import type { LazyCluster } from '../cluster/lazy-cluster.ts';
import { MkError } from '../frame/mk-error.ts';
import { ANY_CONTAINER, findLogTarget } from './log-target.ts';

export interface CollectOptions {
  readonly source: string;
  readonly path: string | undefined;
  readonly scenario: string;
  readonly durationMs: number;
  readonly namespace: string;
  readonly deployment: string;
  readonly container: string;
  readonly pod?: string;
  readonly recordTo: string | undefined;
  readonly prometheusUrl?: string;
  /** `column=metric`, for the sources of metrics. */
  readonly metrics?: readonly string[];
  /** Add to the recording instead of replacing it. */
  readonly append: boolean;
  /** How the flags are called, for messages. */
  readonly names: { readonly source: string; readonly path: string };
}

const CLUSTER_SOURCES: readonly string[] = ['k8s', 'k8s-logs', 'stdout-jsonl'];

/** Whether the samples come from a cluster. */
export const isClusterSource = (source: string): boolean => CLUSTER_SOURCES.includes(source);

const collectLog = async (options: CollectOptions, cluster: Cluster): Promise<Observed> => {
  const { namespace, container, source, recordTo, append } = options;
  const found = await findLogTarget(cluster, options);
  const stream = cluster.logs({
    namespace,
    target: found.target,
    sinceSeconds: logWindowSeconds(options.durationMs),
    ...(container === ANY_CONTAINER ? {} : { container }),
  });
  const isJsonl = source === 'stdout-jsonl' || found.format === 'stdout-jsonl';
  const observed = await observeLog(stream, {
    format: isJsonl ? 'stdout-jsonl' : 'default',
    node: found.node,
    recordTo,
    append,
  });
  const { ok, stderr, rc } = await stream.outcome;
  const failure = ok ? undefined : stderr.trim() || `the log ended with ${rc}`;
  return { ...observed, error: observed.error ?? failure };
};

/** The window that ends now. */
const collectPrometheus = (options: CollectOptions): Promise<Observed> => {
  const endMs = Date.now();
  return observePrometheus({
    url: options.prometheusUrl ?? '',
    mapping: parseMetricMapping(options.metrics ?? []),
    startMs: endMs - options.durationMs,
    endMs,
  });
};

/** Refuses flags that cannot go together, before anything is written. */
export const checkSource = (options: CollectOptions): void => {
  const { source, path, names, metrics = [] } = options;
  if ((source === 'file' || source === 'otlp') && path === undefined)
    throw new MkError(`--${names.path} is required when --${names.source} ${source}`);
  if (source === 'prometheus' && options.prometheusUrl === undefined)
    throw new MkError(`--prometheus-url is required when --${names.source} prometheus`);
  if (source === 'prometheus' || source === 'otlp') parseMetricMapping(metrics);
};

/** Reads one window of samples. A cluster that does not answer gives no samples and says why; a file has to be there. */
export const collect = async (options: CollectOptions, cluster: LazyCluster): Promise<Observed> => {
  const { source, path, recordTo, append } = options;
  if (source === 'file') return observeFile(path ?? '', { recordTo, append });
  if (source === 'otlp')
    return observeOtlpFile(path ?? '', parseMetricMapping(options.metrics ?? []));
  if (source === 'prometheus') return collectPrometheus(options);
  if (isClusterSource(source)) return collectLog(options, await cluster());
  return observeSynthetic(options.scenario, options.durationMs, { recordTo });
};
