import { parseJsonLine } from '../files/parse-json-line.ts';
import { readBlocks } from '../files/read-blocks.ts';
import type { Observed } from '../observed.ts';
import { InputError } from '../input-error.ts';
import type { MetricMapping } from './metric-mapping.ts';
import type { MetricPoint } from './metric-point.ts';
import { observeMetrics } from './observe-metrics.ts';
import { createOtlpReader } from './parse-otlp.ts';

const NEWLINE = 0x0a;

/**
 * Samples from a file of OTLP metrics, one JSON document a line, as the collector's file exporter writes it. A document
 * over several lines is read too, when it is the only one. Throws `file_unreadable`, `line_too_long`, `metrics_invalid`.
 */
export const observeOtlpFile = async (path: string, mapping: MetricMapping): Promise<Observed> => {
  const wanted = new Set(Object.values(mapping.columns).map((source) => source?.metric));
  const reader = createOtlpReader();
  const points: MetricPoint[] = [];
  /** From the first line that is no document of its own. */
  const rest: string[] = [];
  let line = 0;
  const keep = (document: unknown) => {
    for (const point of reader.read(document)) if (wanted.has(point.metric)) points.push(point);
  };
  const readLine = (text: string): void => {
    if (rest.length === 0) line += 1;
    const document = rest.length > 0 || text.trim() === '' ? undefined : parseJsonLine(text);
    if (document !== undefined) keep(document);
    else if (rest.length > 0 || text.trim() !== '') rest.push(text);
  };
  await readBlocks(path, (bytes, start, end) => {
    for (let at = start; at < end;) {
      const next = bytes.indexOf(NEWLINE, at) + 1;
      readLine(bytes.toString('utf8', at, next));
      at = next;
    }
    return end;
  });
  if (rest.length > 0) {
    const document = parseJsonLine(rest.join(''));
    if (document === undefined)
      throw new InputError('metrics_invalid', `cannot read '${path}': line ${line} is no JSON`);
    keep(document);
  }
  return observeMetrics(points, mapping);
};
