import type { SqlValue, Store } from '@holdfast/store';
import type { Phrase } from './parse-query.ts';

/** How the words of a passage are written and looked for in one engine. Terms are letters and digits: see words.ts. */
export interface EngineText {
  /** Inserts one row of the word index. */
  readonly insert: string;
  row(passage: number, title: readonly string[], body: readonly string[]): SqlValue[];
  /** One text that the engine's parser takes for these phrases, all of them or any. */
  match(phrases: readonly Phrase[], mode: 'all' | 'any'): string;
  /**
   * Passages that match, best first, as (passage, document, rank): least rank is best. Parameters: those of `match`, then
   * those of `where`. Passage ids are compared in `where` as `w.rowid`.
   */
  search(where: string, limit: number): string;
  /** How often the text of `match` stands among the parameters. */
  readonly matchParams: number;
}

const sqlite: EngineText = {
  insert: 'INSERT INTO passage_words (rowid, title, body) VALUES (?, ?, ?)',
  row: (passage, title, body) => [passage, title.join(' '), body.join(' ')],
  match: (phrases, mode) =>
    phrases.map((terms) => `"${terms.join(' ')}"`).join(mode === 'all' ? ' AND ' : ' OR '),
  // CROSS JOIN keeps the order: the word index first, so that it sorts and stops at the limit.
  search: (where, limit) =>
    `SELECT w.rowid AS passage, p.document AS document, w.rank AS rank
    FROM passage_words w
    CROSS JOIN passages p ON p.id = w.rowid
    CROSS JOIN documents d ON d.id = p.document
    WHERE passage_words MATCH ? AND ${where} ORDER BY w.rank LIMIT ${limit}`,
  matchParams: 1,
};

/** Positions of a tsvector end here; what comes later is found, but not as part of a phrase. */
const MAX_POSITION = 16_383;

const lexemes = (terms: readonly string[], after: number, weight: 'A' | 'D'): string[] =>
  terms.map((term, at) => `'${term}':${Math.min(MAX_POSITION, after + at + 1)}${weight}`);

const postgres: EngineText = {
  insert: 'INSERT INTO passage_words (rowid, words) VALUES (?, CAST(? AS tsvector))',
  // The gap keeps a phrase from reaching out of the title into the text.
  row: (passage, title, body) => [
    passage,
    [...lexemes(title, 0, 'A'), ...lexemes(body, title.length + 1, 'D')].join(' '),
  ],
  match: (phrases, mode) =>
    phrases
      .map((terms) => `(${terms.map((term) => `'${term}'`).join(' <-> ')})`)
      .join(mode === 'all' ? ' & ' : ' | '),
  search: (where, limit) =>
    `SELECT w.rowid AS passage, p.document AS document,
      CAST(0 - ts_rank(w.words, CAST(? AS tsquery), 1) AS DOUBLE PRECISION) AS rank
    FROM passage_words w
    JOIN passages p ON p.id = w.rowid
    JOIN documents d ON d.id = p.document
    WHERE w.words @@ CAST(? AS tsquery) AND ${where} ORDER BY rank LIMIT ${limit}`,
  matchParams: 2,
};

export const engineText = (store: Pick<Store, 'engine'>): EngineText =>
  store.engine === 'sqlite' ? sqlite : postgres;
