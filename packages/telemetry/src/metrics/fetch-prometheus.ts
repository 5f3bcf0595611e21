import { InputError, oneLine } from '../input-error.ts';
import type { Observed } from '../observed.ts';
import type { MetricColumn, MetricMapping } from './metric-mapping.ts';
import type { MetricPoint } from './metric-point.ts';
import { observeMetrics } from './observe-metrics.ts';
import { parsePrometheusRange } from './parse-prometheus.ts';

const DEFAULT_TIMEOUT_MS = 20_000;
const LONGEST_ANSWER_MIB = 64;
const MIB = 1024 * 1024;

export interface PrometheusOptions {
  /** Base address, `http://host:9090` or with a path before `/api/v1`. */
  url: string;
  /** `metric` of each column is a PromQL expression. */
  mapping: MetricMapping;
  startMs: number;
  endMs: number;
  /** Distance of the samples; default 1 s, or more so that 10,000 points are not exceeded. */
  stepMs?: number;
  /** For all queries together; default 20 s. */
  timeoutMs?: number;
  /** The longest answer to one query; default 64 MiB. */
  maxMiB?: number;
  /** Such as `authorization`. Never part of an error. */
  headers?: Readonly<Record<string, string>>;
}

/**
 * Samples from a Prometheus server: one range query a column, joined by time and node. A server that cannot be reached or
 * answers nonsense is a value: no samples and `error`. Throws `metrics_unreachable` for an address that is none.
 */
export const observePrometheus = async (options: PrometheusOptions): Promise<Observed> => {
  const base = baseUrl(options.url);
  const failed = new AbortController();
  const timeout = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const signal = AbortSignal.any([timeout, failed.signal]);
  const columns = Object.entries(options.mapping.columns) as [MetricColumn, { metric: string }][];
  const expressions = [...new Set(columns.map(([, source]) => source.metric))];
  const points: MetricPoint[] = [];
  let error: string | undefined;
  try {
    const answers = await Promise.all(
      expressions.map((expression) => queryRange(base, expression, options, signal)),
    );
    for (const answer of answers) for (const point of answer) points.push(point);
  } catch (cause) {
    error = problemOf(cause, options);
    failed.abort();
  }
  const observed = observeMetrics(error === undefined ? points : [], options.mapping);
  return { ...observed, error };
};

async function queryRange(
  base: URL,
  expression: string,
  options: PrometheusOptions,
  signal: AbortSignal,
): Promise<MetricPoint[]> {
  const {
    startMs,
    endMs,
    stepMs = Math.max(1000, Math.ceil((endMs - startMs) / 10_000)),
  } = options;
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v1/query_range`;
  url.search = new URLSearchParams({
    query: expression,
    start: String(startMs / 1000),
    end: String(endMs / 1000),
    step: String(stepMs / 1000),
  }).toString();
  // Whoever named the server named no other: a redirect would reach what only this machine reaches.
  const response = await fetch(url, {
    headers: { ...options.headers },
    signal,
    redirect: 'manual',
  });
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    const why = `Prometheus answered ${response.status}: a redirect is not followed`;
    throw new InputError('metrics_unreachable', why);
  }
  const text = await boundedText(response, options.maxMiB ?? LONGEST_ANSWER_MIB);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    const why = `Prometheus answered ${response.status} without JSON`;
    throw new InputError('metrics_invalid', why, { cause });
  }
  return parsePrometheusRange(document, expression);
}

async function boundedText(response: Response, maxMiB: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > maxMiB * MIB) {
      const why = `the answer of Prometheus is longer than ${maxMiB} MiB`;
      throw new InputError('metrics_invalid', why);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw new InputError(
      'metrics_unreachable',
      'the Prometheus address is not usable: expected http(s)://host[:port][/path] without credentials',
    );
  return url;
}

function problemOf(cause: unknown, options: PrometheusOptions): string {
  if (cause instanceof InputError) return cause.message;
  const { host } = new URL(options.url);
  if (cause instanceof Error && cause.name === 'TimeoutError')
    return `no answer from Prometheus at ${host} within ${options.timeoutMs ?? DEFAULT_TIMEOUT_MS} ms`;
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const code = inner instanceof Error && 'code' in inner ? String(inner.code) : String(inner);
  return oneLine(`cannot reach Prometheus at ${host}: ${code}`);
}
