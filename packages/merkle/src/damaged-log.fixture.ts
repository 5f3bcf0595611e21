import fc from 'fast-check';
import { createCompactRange } from './compact-range.ts';
import { hashLeaf } from './hash.ts';
import { naiveLeaf } from './naive-tree.fixture.ts';
import type { EntrySource, LogEntry } from './verify-log.ts';

/** An honest log with its checkpoints and level-0 tiles, for tests to damage copies of. */
export interface SampleLog {
  readonly entries: readonly LogEntry[];
  readonly checkpoints: readonly { size: number; root: Buffer }[];
  /** Tile reader over the honest leaf hashes. */
  readonly tileReader: (index: number) => Buffer | undefined;
}

/** A checkpoint at each of the given sizes. */
export function sampleLog(size: number, checkpointSizes: readonly number[]): SampleLog {
  const range = createCompactRange();
  const entries: LogEntry[] = [];
  const roots = [range.root()];
  for (let index = 0; index < size; index++) {
    const body = `{"n":${index}}`;
    const leafHash = naiveLeaf(Buffer.from(body));
    range.append(leafHash);
    roots.push(range.root());
    entries.push({ index, body: index % 2 === 0 ? body : Buffer.from(body), leafHash });
  }
  const hashes = Buffer.concat(entries.map(({ leafHash }) => leafHash as Buffer));
  return {
    entries,
    checkpoints: checkpointSizes.map((at) => ({ size: at, root: roots[at] as Buffer })),
    tileReader: (index) => {
      const tile = hashes.subarray(index * 8192, (index + 1) * 8192);
      return tile.length > 0 ? tile : undefined;
    },
  };
}

/** Body and leaf hash replaced so that they agree with each other. */
export function rewritten({ index }: LogEntry): LogEntry {
  const body = `{"n":"other ${index}"}`;
  return { index, body, leafHash: hashLeaf(body) };
}

/** Logs of 2 to 600 entries with checkpoints at random sizes, the newest over all entries. */
export const anyLog = fc
  .integer({ min: 2, max: 600 })
  .chain((size) => fc.tuple(fc.constant(size), fc.uniqueArray(fc.integer({ min: 0, max: size }))))
  .map(([size, sizes]) =>
    sampleLog(
      size,
      [...new Set([...sizes, size])].sort((a, b) => a - b),
    ),
  );

/** The same entries one by one or in batches, synchronous or not. */
export function delivered(entries: readonly LogEntry[], way: number): EntrySource {
  const width = 1 + (way % 50);
  const batches: LogEntry[][] = [];
  for (let i = 0; i < entries.length; i += width) batches.push(entries.slice(i, i + width));
  if (way % 4 === 0) return entries;
  if (way % 4 === 1) return batches;
  return way % 4 === 2 ? later(entries) : later(batches);
}

async function* later<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
