/**
 * - `edited`: a body does not match the leaf hash stored with it.
 * - `deleted`: indexes are missing before a later entry.
 * - `duplicated`: an index that was already passed comes again.
 * - `misnumbered`: one entry carries another index than its place in the sequence.
 * - `malformed`: an entry without a usable index or body.
 * - `rewritten`: bodies and leaf hashes agree with each other but not with what was signed.
 * - `truncated`: the log ends before the newest checkpoint or the expected size.
 * - `fork`: a checkpoint signs another history than the checkpoints that the entries match.
 * - `tile_mismatch`: a level-0 tile disagrees with entries that a checkpoint confirms.
 */
export type LogProblemKind =
  | 'edited'
  | 'deleted'
  | 'duplicated'
  | 'misnumbered'
  | 'malformed'
  | 'rewritten'
  | 'truncated'
  | 'fork'
  | 'tile_mismatch';

export interface LogProblem {
  readonly kind: LogProblemKind;
  /** The entry in question, or the first one missing; for `fork` the tree size signed twice. */
  readonly index?: number;
  /** Entries [start, end) among which the damage lies. */
  readonly range?: { readonly start: number; readonly end: number };
  readonly message: string;
}

export interface ProblemList {
  readonly items: LogProblem[];
  /** All that were found, also those beyond the limit. */
  readonly count: number;
  add(problem: LogProblem): void;
  atIndex(kind: LogProblemKind, index: number, what: string): void;
  /** Damage somewhere in [start, end); a range of one entry is that entry. */
  inRange(kind: LogProblemKind, start: number, end: number, what: string): void;
  /** All of [start, end) is absent; `index` is the first. */
  missing(kind: LogProblemKind, start: number, end: number, what: string): void;
}

/** Keeps the first `limit` problems and counts the rest, so that memory stays flat. */
export function createProblemList(limit: number): ProblemList {
  const items: LogProblem[] = [];
  let count = 0;

  function add(problem: LogProblem): void {
    count++;
    if (items.length < limit) items.push(problem);
  }

  return {
    items,
    get count() {
      return count;
    },
    add,
    atIndex: (kind, index, what) => add({ kind, index, message: `entry ${index}: ${what}` }),
    inRange(kind, start, end, what) {
      const message = `${subject(start, end)} ${what}`;
      const range = { start, end };
      add(end - start === 1 ? { kind, index: start, range, message } : { kind, range, message });
    },
    missing: (kind, start, end, what) =>
      add({ kind, index: start, range: { start, end }, message: `${subject(start, end)} ${what}` }),
  };
}

function subject(start: number, end: number): string {
  return end - start === 1 ? `entry ${start}:` : `entries ${start} to ${end - 1}:`;
}
