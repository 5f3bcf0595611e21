import type { DocumentKind, LibraryDocument } from '@holdfast/contracts';

/** Where a document came from; only those of the bus are trimmed, only files are looked for again. */
export type Origin = 'file' | 'text' | 'bus';

/** A passage before it has an id. Lines or a page, as its document has. */
export interface NewPassage {
  readonly from_line: number | null;
  readonly to_line: number | null;
  readonly page: number | null;
  readonly heading: string;
  readonly text: string;
}

/** A document ready to be indexed. `mtime_us` of files and `position` on the bus are 0 where there is none. */
export interface NewDocument {
  readonly id: string;
  readonly origin: Origin;
  readonly kind: DocumentKind;
  readonly title: string;
  readonly source: string;
  readonly url?: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly mtime_us: number;
  readonly position: number;
  readonly passages: readonly NewPassage[];
}

export interface DocumentRow {
  readonly id: string;
  readonly origin: Origin;
  readonly kind: DocumentKind;
  readonly title: string;
  readonly source: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly passages: number;
  readonly mtime_us: number;
  readonly index_version: number;
  readonly position: number;
  readonly indexed_at: string;
}

/** Grows when passages or words are cut in another way, so that every file is read again. */
export const INDEX_VERSION = 1;

/** Engines and JSON take only well-formed text, and one of them no NUL. */
export const cleanText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');

export const toLibraryDocument = (row: Omit<DocumentRow, 'origin'>): LibraryDocument => ({
  id: row.id,
  title: row.title,
  kind: row.kind,
  source: row.source,
  sha256: row.sha256,
  bytes: row.bytes,
  passages: row.passages,
  indexed_at: row.indexed_at,
});
