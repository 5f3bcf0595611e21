import type { SearchResult } from '@holdfast/contracts';
import pc from 'picocolors';
import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { parseKind, parseLimit } from '../words/library-words.ts';

const UNESCAPED: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };

/** A snippet is HTML text: marks become bold, the rest is what it was; no control character reaches the terminal. */
const plain = (snippet: string): string =>
  snippet
    .split(/<\/?mark>/)
    .map((part) => part.replace(/&(?:lt|gt|amp);/g, (name) => UNESCAPED[name]!))
    .map((part) => part.replaceAll(/\p{Cc}/gu, ' '))
    .map((part, at) => (at % 2 === 1 ? pc.bold(part) : part))
    .join('');

const place = ({ source, lines, page }: SearchResult): string => {
  if (lines) return `${source}:${lines.from}-${lines.to}`;
  return page === undefined ? source : `${source}, page ${page}`;
};

const words = (result: SearchResult): string =>
  [
    `${pc.bold(result.title.replaceAll(/\p{Cc}/gu, ' '))} (${result.kind})`,
    `  ${plain(result.snippet)}`,
    `  ${place(result).replaceAll(/\p{Cc}/gu, ' ')}  sha256:${result.sha256.slice(0, 12)}`,
  ].join('\n');

export async function librarianSearch(
  this: CliContext,
  flags: JsonFlag & { limit: string; kind?: string },
  ...query: string[]
): Promise<void> {
  const input = {
    query: query.join(' '),
    limit: parseLimit(flags.limit, 100),
    kind: parseKind(flags.kind),
  };
  const answer = await openSession(this).librarian.search(input);
  const count = `${answer.total_is_exact ? '' : 'at least '}${answer.total}`;
  print(this, flags, answer, () =>
    [...answer.results.map(words), `${count} documents match`].join('\n'),
  );
}
