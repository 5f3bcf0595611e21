import { extname, sep } from 'node:path';
import type { DocumentKind } from '@holdfast/contracts';

const KINDS: Readonly<Record<string, DocumentKind>> = {
  md: 'markdown',
  markdown: 'markdown',
  mdx: 'markdown',
  json: 'json',
  ndjson: 'json',
  jsonl: 'json',
  yaml: 'yaml',
  yml: 'yaml',
  pdf: 'pdf',
};

const SOURCE = new Set(
  `c cc cpp cs css cts dart erl ex exs fs go groovy h hpp hs html java jl js jsx kt lua m mjs ml mts php pl proto ps1 py r
   rb rs scala sh sql svelte swift tf ts tsx vue zig`.split(/\s+/),
);

/** By the name alone. What has no known ending is text, if its bytes are. */
export const kindOfFile = (path: string): DocumentKind => {
  const ending = extname(path).slice(1).toLowerCase();
  const kind = KINDS[ending] ?? (SOURCE.has(ending) ? 'source' : 'text');
  return kind === 'markdown' && path.split(sep).includes('runbooks') ? 'runbook' : kind;
};

export const isMarkdown = (kind: DocumentKind): boolean =>
  kind === 'markdown' || kind === 'runbook';
