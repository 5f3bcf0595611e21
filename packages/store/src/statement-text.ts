import { StoreError } from './store-error.ts';
import { splitSql } from './sql-segments.ts';

export type Verb = 'SELECT' | 'VALUES' | 'INSERT' | 'UPDATE' | 'DELETE';

/** What one statement's text says about itself. `postgres` has `$n` in place of `?`. */
export interface StatementText {
  sql: string;
  postgres: string;
  verb: Verb;
  placeholders: number;
  returning: boolean;
}

const verbs: ReadonlySet<string> = new Set(['SELECT', 'VALUES', 'INSERT', 'UPDATE', 'DELETE']);
const cacheLimit = 512;

interface Scan {
  postgres: string;
  placeholders: number;
  /** Upper-cased words outside parentheses, in order. */
  words: string[];
}

function refuse(reason: string, sql: string): never {
  throw new StoreError('STORE_SQL', `${reason} in: ${sql.slice(0, 120)}`);
}

function scanCode(sql: string): Scan {
  const scan: Scan = { postgres: '', placeholders: 0, words: [] };
  let depth = 0;
  let ended = false;
  for (const segment of splitSql(sql)) {
    if (!segment.code) {
      if (ended && /^['"]/.test(segment.text)) refuse('more than one statement', sql);
      scan.postgres += segment.text;
      continue;
    }
    for (const [token] of segment.text.matchAll(/[A-Za-z_][\w]*|[?$:@]\w|\s+|[^]/g)) {
      if (ended && token.trim() !== '') refuse('more than one statement', sql);
      if (/^[?$:@]\w/.test(token)) refuse(`placeholder '${token}', expected a bare '?'`, sql);
      if (token === '?') scan.postgres += `$${++scan.placeholders}`;
      else scan.postgres += token;
      if (token === '(') depth++;
      else if (token === ')') depth--;
      else if (token === ';') ended = true;
      else if (depth === 0 && /^[A-Za-z_]/.test(token)) scan.words.push(token.toUpperCase());
    }
  }
  return scan;
}

function analyse(sql: string): StatementText {
  const scan = scanCode(sql);
  const first = scan.words[0];
  const verb = first === 'WITH' ? scan.words.find((word) => verbs.has(word)) : first;
  if (verb === undefined || !verbs.has(verb)) {
    refuse(`statement '${first ?? ''}', expected SELECT, VALUES, INSERT, UPDATE or DELETE`, sql);
  }
  if (scan.words[1] === 'OR') refuse(`'${verb} OR', which only one engine has,`, sql);
  return {
    sql,
    postgres: scan.postgres,
    verb: verb as Verb,
    placeholders: scan.placeholders,
    returning: verb === 'SELECT' || verb === 'VALUES' || scan.words.includes('RETURNING'),
  };
}

const cache = new Map<string, StatementText>();

/** Reads one statement's text; cached, since kernels repeat a few hundred texts. Throws STORE_SQL. */
export function statementText(sql: string): StatementText {
  const known = cache.get(sql);
  if (known !== undefined) return known;
  const text = analyse(sql);
  if (cache.size >= cacheLimit) cache.clear();
  cache.set(sql, text);
  return text;
}

/** As `statementText`, for a read: anything that changes data is refused. */
export function readText(sql: string): StatementText {
  const text = statementText(sql);
  if (text.verb !== 'SELECT' && text.verb !== 'VALUES')
    refuse(`${text.verb} passed to a read`, sql);
  return text;
}
