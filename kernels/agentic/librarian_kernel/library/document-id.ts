import { createHash } from 'node:crypto';

export const sha256 = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex');

/** The same thing keeps its id when it is indexed again. `key`: a path, a given source, `event:<id>`, `incident:<id>`. */
export const documentId = (key: string): string => `doc_${sha256(key).slice(0, 24)}`;

export const isDocumentId = (text: string): boolean => /^doc_[0-9a-f]{24}$/.test(text);
