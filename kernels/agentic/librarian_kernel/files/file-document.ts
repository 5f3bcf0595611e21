import { basename } from 'node:path';
import type { DocumentKind } from '@holdfast/contracts';
import { documentId, sha256 } from '../library/document-id.ts';
import { cleanText, type NewDocument, type NewPassage } from '../library/document.ts';
import { passagesOf } from '../text/passages.ts';
import { isMarkdown, kindOfFile } from './file-kind.ts';
import { decodeText, readBytes, type FileStamp, type Looked } from './read-file.ts';
import { holdsPrivateKey } from './secret-files.ts';

const MAX_TITLE = 300;

/** Passages with the lines that they stand on. */
export const textPassages = (text: string, kind: DocumentKind): NewPassage[] =>
  passagesOf(text, isMarkdown(kind)).map((passage) => ({
    from_line: passage.from,
    to_line: passage.to,
    page: null,
    heading: passage.heading,
    text: passage.text,
  }));

const pagePassages = (pages: readonly string[]): NewPassage[] =>
  pages.flatMap((page, at) =>
    passagesOf(cleanText(page), false).map(({ text }) => ({
      from_line: null,
      to_line: null,
      page: at + 1,
      heading: '',
      text,
    })),
  );

const titleOf = (path: string, passages: readonly NewPassage[]): string =>
  (passages[0]?.heading.split(' > ')[0] || basename(path)).slice(0, MAX_TITLE);

type Content = Pick<NewDocument, 'title' | 'passages'>;

const pdfContent = async (path: string, bytes: Buffer): Promise<Looked<Content>> => {
  const { readPdf } = await import('./read-pdf.ts');
  const pdf = await readPdf(bytes).catch(() => undefined);
  if (pdf === undefined) return { ok: false, reason: 'unreadable pdf' };
  if (pdf.pages.every((page) => page.trim() === '')) return { ok: false, reason: 'no text layer' };
  const title = cleanText(pdf.title ?? basename(path)).slice(0, MAX_TITLE);
  return { ok: true, value: { title, passages: pagePassages(pdf.pages) } };
};

const textContent = (path: string, bytes: Buffer, kind: DocumentKind): Looked<Content> => {
  const text = decodeText(bytes);
  if (text === undefined) return { ok: false, reason: 'binary' };
  if (holdsPrivateKey(text)) return { ok: false, reason: 'secret' };
  const passages = textPassages(cleanText(text), kind);
  return { ok: true, value: { title: cleanText(titleOf(path, passages)), passages } };
};

export interface ReadFile {
  readonly sha256: string;
  /** Reads the text out of the bytes; not called when the hash is known. */
  document(): Promise<Looked<NewDocument>>;
}

/** Reads a file whose stamp was taken. */
export const readFileDocument = async (
  path: string,
  stamp: FileStamp,
  maxBytes: number,
): Promise<Looked<ReadFile>> => {
  const kind = kindOfFile(path);
  const read = await readBytes(path, maxBytes, kind === 'pdf');
  if (!read.ok) return read;
  const hash = sha256(read.value);
  const document = async (): Promise<Looked<NewDocument>> => {
    const content =
      kind === 'pdf' ? await pdfContent(path, read.value) : textContent(path, read.value, kind);
    if (!content.ok) return content;
    return {
      ok: true,
      value: {
        id: documentId(path),
        origin: 'file',
        kind,
        source: path,
        sha256: hash,
        bytes: read.value.length,
        mtime_us: stamp.mtime_us,
        position: 0,
        ...content.value,
      },
    };
  };
  return { ok: true, value: { sha256: hash, document } };
};
