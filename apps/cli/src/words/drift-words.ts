import type { Drift } from '@holdfast/contracts';
import { state, table } from '../output.ts';

const coverageLine = (item: Drift['coverage'][number]): string =>
  `  ${item.manager} in ${item.environment}: ${item.status}, ${item.packages} packages${item.reason ? ` (${item.reason})` : ''}`;

/** The drift of a host as a person reads it. */
export const driftWords = (drift: Drift): string => {
  const heading = `host ${drift.host}: ${state(drift.status)}${drift.scanned_at ? `, scanned ${drift.scanned_at}` : ', not scanned yet'}`;
  const rows = drift.entries.map((entry) => [
    entry.manager,
    entry.package,
    entry.expected,
    entry.actual,
    entry.environment,
  ]);
  return [
    heading,
    ...(rows.length === 0
      ? []
      : [table(['MANAGER', 'PACKAGE', 'EXPECTED', 'ACTUAL', 'ENVIRONMENT'], rows)]),
    ...(drift.coverage.length === 0 ? [] : ['coverage:', ...drift.coverage.map(coverageLine)]),
  ].join('\n');
};
