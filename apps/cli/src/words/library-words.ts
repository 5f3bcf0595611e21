import { DOCUMENT_KINDS, type DocumentKind, type IngestionReport } from '@holdfast/contracts';
import { CliError, EXIT } from '../cli-error.ts';

/** The kind that was asked for. Throws a usage error that lists the kinds. */
export const parseKind = (text: string | undefined): DocumentKind | undefined => {
  if (text === undefined) return undefined;
  const kind = DOCUMENT_KINDS.find((one) => one === text);
  if (kind) return kind;
  const known = DOCUMENT_KINDS.join(', ');
  throw new CliError(`--kind ${text}: expected one of ${known}`, { exit: EXIT.usage });
};

/** A whole number within limits. Throws a usage error. */
export const parseLimit = (text: string, most: number): number => {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  throw new CliError(`--limit ${text}: expected 1 to ${most}`, { exit: EXIT.usage });
};

export const ingestionWords = (report: IngestionReport): string => {
  const { added, updated, unchanged, removed, skipped, skipped_files } = report;
  const more = skipped - skipped_files.length;
  return [
    `${added} added, ${updated} updated, ${unchanged} unchanged, ${removed} removed, ${skipped} skipped`,
    ...skipped_files.map(({ path, reason }) => `  skipped ${path}: ${reason}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
};
