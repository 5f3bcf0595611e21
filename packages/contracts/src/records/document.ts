import * as z from 'zod';

/** What a document is, as far as search cares. `incident` and `event` come from the bus, never from a caller. */
export const DOCUMENT_KINDS = [
  'runbook',
  'markdown',
  'text',
  'json',
  'yaml',
  'source',
  'pdf',
  'incident',
  'event',
] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** Kinds that a caller may give to a text of its own. */
export const TEXT_KINDS = ['runbook', 'markdown', 'text', 'json', 'yaml', 'source'] as const;

/**
 * A document in the index. `source` is where it can be read again: the absolute path of a file, `event:<id>`, or what
 * the caller named. `sha256` is that of the bytes of the file, or of the text as UTF-8.
 */
export const libraryDocumentSchema = z.object({
  id: z.string(),
  title: z.string(),
  kind: z.enum(DOCUMENT_KINDS),
  source: z.string(),
  sha256: z.string(),
  bytes: z.number().int(),
  passages: z.number().int(),
  indexed_at: z.iso.datetime(),
});
export type LibraryDocument = z.infer<typeof libraryDocumentSchema>;

/**
 * One found document with its best passage. `lines` are those of the passage, first line 1, both ends included; null where
 * a document has pages instead. `score` above 1: every word was found in the passage; otherwise some were. `snippet` is
 * HTML text: matched words are in `<mark>`, everything else is escaped.
 */
export const searchResultSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** Headings above the passage, outermost first, joined by ` > `; empty when there are none. */
  heading: z.string(),
  kind: z.enum(DOCUMENT_KINDS),
  source: z.string(),
  sha256: z.string(),
  lines: z.object({ from: z.number().int(), to: z.number().int() }).nullable(),
  page: z.number().int().optional(),
  score: z.number(),
  snippet: z.string(),
  /** Where the API answers with the thing itself, for incidents and events. */
  url: z.string().optional(),
});
export type SearchResult = z.infer<typeof searchResultSchema>;

/** Why a file was left out. */
export const SKIP_REASONS = [
  'secret',
  'binary',
  'symbolic link',
  'not a regular file',
  'too large',
  'unreadable',
  'no text layer',
  'unreadable pdf',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** What one run over files did. At most the first 100 skipped files are named; `skipped` counts them all. */
export const ingestionReportSchema = z.object({
  added: z.number().int(),
  updated: z.number().int(),
  unchanged: z.number().int(),
  removed: z.number().int(),
  skipped: z.number().int(),
  skipped_files: z.array(z.object({ path: z.string(), reason: z.enum(SKIP_REASONS) })),
});
export type IngestionReport = z.infer<typeof ingestionReportSchema>;
