import type { IngestionReport, SkipReason } from '@holdfast/contracts';

const MAX_NAMED = 100;

/** The counts of one run. */
export interface IngestionCount {
  add(what: 'added' | 'updated' | 'unchanged' | 'removed', count?: number): void;
  skip(path: string, reason: SkipReason): void;
  report(): IngestionReport;
}

export const createIngestionCount = (): IngestionCount => {
  const counts = { added: 0, updated: 0, unchanged: 0, removed: 0, skipped: 0 };
  const named: { path: string; reason: SkipReason }[] = [];
  return {
    add(what, count = 1) {
      counts[what] += count;
    },
    skip(path, reason) {
      counts.skipped += 1;
      if (named.length < MAX_NAMED) named.push({ path, reason });
    },
    report: () => ({ ...counts, skipped_files: [...named] }),
  };
};
