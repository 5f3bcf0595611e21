import type { DocumentKind, SearchResult } from '@holdfast/contracts';
import type { SqlValue, Store } from '@holdfast/store';
import { engineText } from './engine-text.ts';
import { parseQuery, type Phrase } from './parse-query.ts';
import { snippetOf } from './snippet.ts';

export interface SearchInput {
  readonly query: string;
  readonly limit: number;
  readonly source?: string;
  readonly kind?: DocumentKind;
}

export interface SearchAnswer {
  query: string;
  total: number;
  total_is_exact: boolean;
  results: SearchResult[];
}

/** Passages that are ranked at most for one question; what lies behind them would not be shown. */
const MAX_RANKED = 1000;
/** There are many times more events than documents, and short texts rank high. */
const EVENT_WEIGHT = 0.5;

interface Hit {
  readonly passage: number;
  readonly document: string;
  readonly rank: number;
}

interface Scored {
  readonly passage: number;
  readonly score: number;
}

/** Documents in the order in which they were found, each with its best passage. */
type Found = Map<string, Scored>;

interface PassageRow {
  readonly passage: number;
  readonly id: string;
  readonly title: string;
  readonly heading: string;
  readonly kind: DocumentKind;
  readonly source: string;
  readonly url: string | null;
  readonly sha256: string;
  readonly from_line: number | null;
  readonly to_line: number | null;
  readonly page: number | null;
  readonly body: string;
}

const isEventKind = (kind: DocumentKind): boolean => kind === 'event' || kind === 'incident';

const sidesOf = ({ kind }: SearchInput) => {
  const documents = { where: 'w.rowid > 0', weight: 1 };
  const events = { where: 'w.rowid < 0', weight: EVENT_WEIGHT };
  if (kind === undefined) return [documents, events];
  return [isEventKind(kind) ? events : documents];
};

const filterOf = ({ source, kind }: SearchInput): { sql: string; params: SqlValue[] } => {
  const parts: string[] = [];
  const params: SqlValue[] = [];
  if (source !== undefined) {
    parts.push('AND SUBSTR(d.source, 1, ?) = ?');
    params.push([...source].length, source);
  }
  if (kind !== undefined) {
    parts.push('AND d.kind = ?');
    params.push(kind);
  }
  return { sql: parts.join(' '), params };
};

const toResult = (row: PassageRow, score: number, terms: ReadonlySet<string>): SearchResult => ({
  id: row.id,
  title: row.title,
  heading: row.heading,
  kind: row.kind,
  source: row.source,
  sha256: row.sha256,
  lines: row.from_line === null ? null : { from: row.from_line, to: row.to_line! },
  ...(row.page === null ? {} : { page: row.page }),
  score: Math.round(score * 1e6) / 1e6,
  snippet: snippetOf(row.body, terms),
  ...(row.url === null ? {} : { url: row.url }),
});

export const createSearch = (store: Store): ((input: SearchInput) => Promise<SearchAnswer>) => {
  const engine = engineText(store);

  const hits = (match: string, side: string, input: SearchInput): Promise<Hit[]> => {
    const filter = filterOf(input);
    return store.read<Hit>(engine.search(`${side} ${filter.sql}`, MAX_RANKED), [
      ...Array.from({ length: engine.matchParams }, () => match),
      ...filter.params,
    ]);
  };

  /** Ranks are below zero, the least the best; a score lies between `base` and `base` + 1. */
  const collect = async (
    phrases: readonly Phrase[],
    mode: 'all' | 'any',
    input: SearchInput,
  ): Promise<{ found: Found; exact: boolean }> => {
    const match = engine.match(phrases, mode);
    const base = mode === 'all' ? 1 : 0;
    const scored: (Scored & { document: string })[] = [];
    let exact = true;
    for (const side of sidesOf(input)) {
      const rows = await hits(match, side.where, input);
      exact &&= rows.length < MAX_RANKED;
      for (const { passage, document, rank } of rows) {
        const strength = Math.max(0, -rank) * side.weight;
        scored.push({ passage, document, score: base + strength / (1 + strength) });
      }
    }
    scored.sort((a, b) => b.score - a.score || Math.abs(a.passage) - Math.abs(b.passage));
    const found: Found = new Map();
    for (const { document, ...one } of scored) if (!found.has(document)) found.set(document, one);
    return { found, exact };
  };

  const load = async (passages: readonly number[]): Promise<Map<number, PassageRow>> => {
    if (passages.length === 0) return new Map();
    const rows = await store.read<PassageRow>(
      `SELECT p.id AS passage, d.id AS id, d.title, p.heading, d.kind, d.source, d.url, d.sha256,
        p.from_line, p.to_line, p.page, p.body
      FROM passages p JOIN documents d ON d.id = p.document
      WHERE p.id IN (${passages.map(() => '?').join(', ')})`,
      passages,
    );
    return new Map(rows.map((row) => [row.passage, row]));
  };

  return async (input) => {
    const phrases = parseQuery(input.query);
    if (phrases.length === 0)
      return { query: input.query, total: 0, total_is_exact: true, results: [] };
    let { found, exact } = await collect(phrases, 'all', input);
    if (found.size < input.limit && phrases.length > 1) {
      const any = await collect(phrases, 'any', input);
      exact = any.exact;
      found = new Map([...found, ...[...any.found].filter(([id]) => !found.has(id))]);
    }
    const best = [...found.values()].slice(0, input.limit);
    const rows = await load(best.map(({ passage }) => passage));
    const terms = new Set(phrases.flat());
    const results = best.flatMap(({ passage, score }) => {
      const row = rows.get(passage);
      return row ? [toResult(row, score, terms)] : [];
    });
    return { query: input.query, total: found.size, total_is_exact: exact, results };
  };
};
