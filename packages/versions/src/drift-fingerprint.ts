import { createHash } from 'node:crypto';

import type { DriftEntry } from './drift.ts';

/**
 * A stable name for a set of differences: SHA-256, in hex, over the sorted
 * `[manager, environment, package, expected, actual]` tuples, one JSON line each. Order and repeats do
 * not change it, so the same drift found twice is recognised as the same.
 */
export function driftFingerprint(
  entries: readonly Pick<
    DriftEntry,
    'manager' | 'environment' | 'package' | 'expected' | 'actual'
  >[],
): string {
  const lines = entries.map((entry) =>
    JSON.stringify([entry.manager, entry.environment, entry.package, entry.expected, entry.actual]),
  );
  const sorted = [...new Set(lines)].sort();
  return createHash('sha256').update(sorted.join('\n')).digest('hex');
}
