import { createCandidateTrees } from './candidate-trees.ts';
import { createCheckpointCursor, type CheckpointSource } from './checkpoint-cursor.ts';
import { digestFromBytes, isHash, leafDigest } from './hash.ts';
import { createLeafTiles, type ReadLeafTile } from './leaf-tiles.ts';
import { createProblemList, type LogProblem } from './log-problem.ts';
import { createRootJudge } from './root-judge.ts';
import { isTreeSize } from './tree-math.ts';

export interface LogEntry {
  readonly index: number;
  /** Hashed as it is; a string as UTF-8. */
  readonly body: string | Uint8Array;
  /** The leaf hash stored beside the body, if there is one. */
  readonly leafHash?: Uint8Array;
}

/** Entries in index order, one by one or (faster) in batches. */
export type EntrySource =
  Iterable<LogEntry | readonly LogEntry[]> | AsyncIterable<LogEntry | readonly LogEntry[]>;

export interface VerifyLogOptions {
  readonly entries: EntrySource;
  /**
   * Checkpoints whose signatures were verified. The more of them, the narrower the place of a
   * rewrite. An array may be in any order; an iterable must be sorted by size.
   */
  readonly checkpoints?: CheckpointSource;
  /** The log must have at least this many entries. */
  readonly expectedSize?: number;
  /** Level-0 tiles (256 leaf hashes each) kept apart from the entries: they locate a rewrite exactly. */
  readonly tileReader?: ReadLeafTile;
  /** Problems to describe; more are only counted. Default 100. */
  readonly maxProblems?: number;
}

export interface LogReport {
  readonly ok: boolean;
  /** Entries read. */
  readonly entries: number;
  /** Root over the bodies as read, 32 bytes; `undefined` when an entry is missing before the end. */
  readonly root: Buffer | undefined;
  /** Leaves under the newest checkpoint that matches; entries beyond it are not signed yet. */
  readonly confirmedSize: number;
  readonly problems: readonly LogProblem[];
  /** Counts also what `problems` has no room for. */
  readonly problemCount: number;
}

/**
 * Recomputes a whole log and says where it was damaged, in one pass and with flat memory.
 *
 * After entries are missing and no tile knows their hashes, later checkpoints cannot be compared;
 * later edits are still found. Without any checkpoint, only damage that the entries themselves
 * betray can be found. Throws only when a source throws, or for checkpoints that are unsorted or no
 * checkpoints at all; damage never throws.
 */
export async function verifyLog(options: VerifyLogOptions): Promise<LogReport> {
  const limit = options.maxProblems ?? 100;
  const problems = createProblemList(limit);
  const trees = createCandidateTrees();
  const judge = createRootJudge(trees, problems, limit);
  const tiles = createLeafTiles(options.tileReader);
  const cursor = createCheckpointCursor(options.checkpoints ?? []);
  let read = 0;
  let next = 0;
  // Below this index nothing asynchronous can be due: no tile to load, no checkpoint to compare.
  let plainUntil = 0;
  // An entry out of sequence; the one after it shows whether it is misnumbered or a gap.
  let held: LogEntry | undefined;

  function accept({ body, leafHash }: LogEntry): void {
    const tile = tiles.at(next);
    if (typeof body !== 'string' && !(body instanceof Uint8Array)) {
      problems.atIndex('malformed', next, 'its body is neither text nor bytes');
      trees.appendMissing(tile);
    } else {
      const digest = leafDigest(body);
      const stored = isHash(leafHash) ? digestFromBytes(leafHash) : undefined;
      if (leafHash !== undefined && stored !== digest) {
        problems.atIndex('edited', next, 'its body does not match the leaf hash stored with it');
      } else if (tile !== undefined && tile !== digest) {
        judge.tileDiffers(next);
      }
      trees.append(digest, stored, tile);
    }
    next++;
  }

  async function judgeReached(): Promise<void> {
    while (cursor.current !== undefined && cursor.current.size <= next) {
      if (trees.alive) judge.judge(cursor.current);
      else judge.outOfReach(cursor.current);
      await cursor.advance();
    }
    plainUntil = Math.min(tiles.end, (cursor.current?.size ?? Infinity) - 1);
  }

  async function acceptNext(entry: LogEntry): Promise<void> {
    await tiles.load(next);
    accept(entry);
    await judgeReached();
  }

  async function skipTo(index: number): Promise<void> {
    problems.missing('deleted', next, index, 'missing from the log');
    while (next < index && trees.alive) {
      await tiles.load(next);
      trees.appendMissing(tiles.at(next));
      next++;
      await judgeReached();
    }
    next = index;
    await judgeReached();
  }

  async function releaseHeld(following: number | undefined): Promise<void> {
    const entry = held;
    held = undefined;
    if (entry === undefined) return;
    if (following === next + 1) {
      problems.atIndex('misnumbered', next, `it carries the index ${String(entry.index)}`);
      await acceptNext(entry);
    } else if (!isTreeSize(entry.index)) {
      problems.atIndex('malformed', next, `its index is ${String(entry.index)}`);
    } else if (entry.index < next) {
      problems.atIndex('duplicated', entry.index, 'it comes again, or out of order');
    } else {
      if (entry.index > next) await skipTo(entry.index);
      await acceptNext(entry);
    }
  }

  async function take(entry: LogEntry): Promise<void> {
    read++;
    await releaseHeld(entry.index);
    if (entry.index === next) await acceptNext(entry);
    else held = entry;
  }

  async function takeItem(item: LogEntry | readonly LogEntry[]): Promise<void> {
    for (const entry of Array.isArray(item) ? (item as readonly LogEntry[]) : [item as LogEntry]) {
      if (entry.index === next && next < plainUntil && held === undefined) {
        read++;
        accept(entry);
      } else {
        await take(entry);
      }
    }
  }

  try {
    await cursor.advance();
    await judgeReached();
    if (Symbol.asyncIterator in options.entries) {
      for await (const item of options.entries) await takeItem(item);
    } else {
      for (const item of options.entries) await takeItem(item);
    }
    await releaseHeld(undefined);
    let expected = options.expectedSize ?? 0;
    for (; cursor.current !== undefined; await cursor.advance()) {
      judge.outOfReach(cursor.current);
      expected = Math.max(expected, cursor.current.size);
    }
    if (next < expected) {
      problems.missing('truncated', next, expected, `the log ends before ${expected} entries`);
    }
    judge.finish();
  } finally {
    await cursor.close();
  }

  return {
    ok: problems.count === 0,
    entries: read,
    root: trees.bodyRoot(),
    confirmedSize: judge.confirmedSize,
    problems: problems.items,
    problemCount: problems.count,
  };
}
