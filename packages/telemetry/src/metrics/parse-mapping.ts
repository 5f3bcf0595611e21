import { InputError } from '../input-error.ts';
import { METRIC_COLUMNS, type MetricColumn, type MetricMapping } from './metric-mapping.ts';

const isColumn = (text: string): text is MetricColumn =>
  (METRIC_COLUMNS as readonly string[]).includes(text);

/**
 * A mapping from texts `column=metric`, as options give them: everything behind the first `=` is the name of the metric
 * or, for Prometheus, the expression. Throws `mapping_invalid` for an unknown column, one that is named twice, an empty
 * metric, or when `latency_ms` is missing.
 */
export const parseMetricMapping = (assignments: readonly string[]): MetricMapping => {
  const columns: Partial<Record<MetricColumn, { metric: string }>> = {};
  for (const assignment of assignments) {
    const [column, metric] = splitOnce(assignment);
    if (!isColumn(column) || metric === '')
      throw invalid(
        `'${assignment}' is no <column>=<metric>, where the column is one of ${METRIC_COLUMNS.join(', ')}`,
      );
    if (columns[column]) throw invalid(`'${column}' is mapped twice`);
    columns[column] = { metric };
  }
  const { latency_ms: latency } = columns;
  if (latency === undefined) throw invalid("a metric for 'latency_ms' is required");
  return { columns: { ...columns, latency_ms: latency } };
};

function splitOnce(assignment: string): [string, string] {
  const at = assignment.indexOf('=');
  return at < 0
    ? [assignment, '']
    : [assignment.slice(0, at).trim(), assignment.slice(at + 1).trim()];
}

const invalid = (why: string) => new InputError('mapping_invalid', `metric mapping: ${why}`);
