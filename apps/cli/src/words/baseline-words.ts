import type { Baseline } from '@holdfast/contracts';
import { table } from '../output.ts';

export const baselineWords = (baseline: Baseline): string =>
  [
    `baseline of ${baseline.host}, revision ${baseline.revision}, set by ${baseline.set_by} at ${baseline.set_at}`,
    ...baseline.environments.map(
      (environment) => `  ${environment.path}: ${environment.managers.join(', ')}`,
    ),
    table(
      ['MANAGER', 'PACKAGE', 'EXPECTED', 'FROM'],
      baseline.entries.map((entry) => [entry.manager, entry.package, entry.expected, entry.source]),
    ),
    ...baseline.unmanaged.map(
      (item) => `not managed: ${item.file}:${item.line} ${item.text} (${item.reason})`,
    ),
  ].join('\n');
