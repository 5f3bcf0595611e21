import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLog, delivered, rewritten, sampleLog } from './damaged-log.fixture.ts';
import { hashLeaf } from './hash.ts';
import { flipBit, naiveRoot } from './naive-tree.fixture.ts';
import { verifyLog, type LogEntry } from './verify-log.ts';

const RUNS = { numRuns: 60 };
const WAY = fc.nat(199);

function at<T>(items: readonly T[], index: number): T {
  return items[index] as T;
}

function replace(entries: readonly LogEntry[], index: number, change: Partial<LogEntry>) {
  return entries.with(index, { ...at(entries, index), ...change });
}

/** The checkpoints around an entry: the narrowest place that roots alone can tell. */
function between(checkpoints: readonly { size: number }[], index: number) {
  const sizes = checkpoints.map(({ size }) => size);
  const start = Math.max(0, ...sizes.filter((size) => size <= index));
  return { start, end: Math.min(...sizes.filter((size) => size > index)) };
}

describe('an undamaged log', () => {
  it('is ok, whatever way the entries arrive', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, WAY, fc.boolean(), async (log, way, tiles) => {
        const report = await verifyLog({
          entries: delivered(log.entries, way),
          checkpoints: log.checkpoints,
          ...(tiles ? { tileReader: log.tileReader } : {}),
        });
        const size = log.entries.length;
        expect(report).toMatchObject({
          ok: true,
          entries: size,
          confirmedSize: size,
          problems: [],
        });
        expect(report.root).toEqual(at(log.checkpoints, log.checkpoints.length - 1).root);
      }),
      RUNS,
    );
  });

  it('has a root without checkpoints, leaf hashes or entries', async () => {
    const { entries } = sampleLog(20, []);
    const bare = entries.map(({ index, body }) => ({ index, body }));
    const report = await verifyLog({ entries: bare });
    expect(report).toMatchObject({ ok: true, confirmedSize: 0 });
    expect(report.root).toEqual(naiveRoot(entries.map(({ leafHash }) => leafHash as Buffer)));
    expect(await verifyLog({ entries: [] })).toMatchObject({ ok: true, root: naiveRoot([]) });
  });

  it('may go on beyond the newest checkpoint and the expected size', async () => {
    const { entries, checkpoints } = sampleLog(20, [0, 8]);
    const report = await verifyLog({ entries, checkpoints, expectedSize: 10 });
    expect(report).toMatchObject({ ok: true, entries: 20, confirmedSize: 8 });
  });

  it('takes checkpoints from a sorted stream and tiles that arrive later', async () => {
    const log = sampleLog(700, [5, 256, 256, 512, 700]);
    const report = await verifyLog({
      entries: log.entries,
      checkpoints: (async function* () {
        yield* log.checkpoints;
      })(),
      tileReader: async (index) => log.tileReader(index),
    });
    expect(report).toMatchObject({ ok: true, confirmedSize: 700 });
  });

  it('reads each tile once, in order', async () => {
    const log = sampleLog(700, [300, 700]);
    const reads: number[] = [];
    const tileReader = (index: number) => {
      reads.push(index);
      return log.tileReader(index);
    };
    await verifyLog({ ...log, tileReader });
    expect(reads).toEqual([0, 1, 2]);
  });
});

describe('one damage is found at its place', () => {
  it('when a body was edited', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.nat(), WAY, fc.boolean(), async (log, n, way, tiles) => {
        const index = n % log.entries.length;
        const entries = delivered(replace(log.entries, index, { body: 'edited' }), way);
        const { checkpoints, tileReader } = log;
        const report = await verifyLog({ entries, checkpoints, ...(tiles ? { tileReader } : {}) });
        expect(report.ok).toBe(false);
        expect(report.problems).toEqual([
          expect.objectContaining({ kind: 'edited', index, message: expect.any(String) }),
        ]);
      }),
      RUNS,
    );
  });

  it('when a stored leaf hash was changed or cut', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.nat(), WAY, fc.boolean(), async (log, n, way, cut) => {
        const index = n % log.entries.length;
        const good = at(log.entries, index).leafHash as Buffer;
        const leafHash = cut ? good.subarray(1) : flipBit(good, n % 256);
        const entries = delivered(replace(log.entries, index, { leafHash }), way);
        const report = await verifyLog({ entries, checkpoints: log.checkpoints });
        expect(report.problems).toEqual([expect.objectContaining({ kind: 'edited', index })]);
        expect(report.confirmedSize).toBe(log.entries.length);
      }),
      RUNS,
    );
  });

  it('when entries were deleted', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyLog,
        fc.nat(),
        fc.nat(5),
        WAY,
        fc.boolean(),
        async (log, n, m, way, tiles) => {
          const start = n % (log.entries.length - 1);
          const end = Math.min(start + 1 + m, log.entries.length - 1);
          const entries = delivered(log.entries.toSpliced(start, end - start), way);
          const { checkpoints, tileReader } = log;
          const report = await verifyLog({
            entries,
            checkpoints,
            ...(tiles ? { tileReader } : {}),
          });
          expect(report.problems).toEqual([
            expect.objectContaining({ kind: 'deleted', index: start, range: { start, end } }),
          ]);
          if (tiles) expect(report.confirmedSize).toBe(log.entries.length);
        },
      ),
      RUNS,
    );
  });

  it('when an entry was duplicated', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.nat(), WAY, async (log, n, way) => {
        const index = n % log.entries.length;
        const entries = delivered(log.entries.toSpliced(index, 0, at(log.entries, index)), way);
        const report = await verifyLog({ entries, checkpoints: log.checkpoints });
        expect(report.problems).toEqual([expect.objectContaining({ kind: 'duplicated', index })]);
        expect(report.entries).toBe(log.entries.length + 1);
      }),
      RUNS,
    );
  });

  it('when the end was cut off', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.nat(), WAY, fc.boolean(), async (log, n, way, signed) => {
        const size = log.entries.length;
        const start = n % size;
        const entries = delivered(log.entries.slice(0, start), way);
        const newest = signed ? { checkpoints: log.checkpoints } : { expectedSize: size };
        const report = await verifyLog({ entries, ...newest });
        expect(report.problems).toEqual([
          expect.objectContaining({ kind: 'truncated', index: start, range: { start, end: size } }),
        ]);
      }),
      RUNS,
    );
  });

  it('when body and leaf hash were rewritten together: between two checkpoints', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.nat(), WAY, async (log, n, way) => {
        const index = n % log.entries.length;
        const entries = log.entries.with(index, rewritten(at(log.entries, index)));
        const { checkpoints } = log;
        const report = await verifyLog({ entries: delivered(entries, way), checkpoints });
        const range = between(checkpoints, index);
        expect(report.problems).toEqual([expect.objectContaining({ kind: 'rewritten', range })]);
        expect(report.confirmedSize).toBe(range.start);
      }),
      RUNS,
    );
  });

  it('when body and leaf hash were rewritten together: to the entry, given the tiles', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.nat(), WAY, fc.boolean(), async (log, n, way, signed) => {
        const index = n % log.entries.length;
        const entries = log.entries.with(index, rewritten(at(log.entries, index)));
        const { tileReader } = log;
        const checkpoints = signed ? log.checkpoints : [];
        const report = await verifyLog({
          entries: delivered(entries, way),
          checkpoints,
          tileReader,
        });
        expect(report.problems).toEqual([expect.objectContaining({ kind: 'rewritten', index })]);
        expect(report.confirmedSize).toBe(signed ? log.entries.length : 0);
      }),
      RUNS,
    );
  });

  it('when a tile was damaged but not the entries', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.nat(), WAY, async (log, n, way) => {
        const index = n % log.entries.length;
        const report = await verifyLog({
          entries: delivered(log.entries, way),
          checkpoints: log.checkpoints,
          tileReader: (number) => {
            const tile = log.tileReader(number);
            if (tile === undefined || Math.floor(index / 256) !== number) return tile;
            return flipBit(tile, (index % 256) * 256 + (n % 256));
          },
        });
        expect(report.problems).toEqual([
          expect.objectContaining({ kind: 'tile_mismatch', index }),
        ]);
      }),
      RUNS,
    );
  });

  it('when an entry carries the index of another', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.nat(), fc.nat(10_000), WAY, async (log, n, index, way) => {
        const place = n % (log.entries.length - 1);
        fc.pre(index !== place);
        const entries = delivered(replace(log.entries, place, { index }), way);
        const report = await verifyLog({ entries, checkpoints: log.checkpoints });
        expect(report.problems).toEqual([
          expect.objectContaining({ kind: 'misnumbered', index: place }),
        ]);
      }),
      RUNS,
    );
  });

  it('when an entry is missing and the rest was renumbered', async () => {
    const log = sampleLog(600, [100, 200, 300, 600]);
    const entries = log.entries.toSpliced(250, 1).map((entry, index) => ({ ...entry, index }));
    const roots = await verifyLog({ entries, checkpoints: log.checkpoints });
    expect(roots.problems).toMatchObject([
      { kind: 'truncated', index: 599 },
      { kind: 'rewritten', range: { start: 200, end: 300 } },
    ]);
    const exact = await verifyLog({ ...log, entries });
    expect(exact.problems).toMatchObject([
      { kind: 'rewritten', range: { start: 250, end: 300 } },
      { kind: 'truncated', index: 599 },
      { kind: 'rewritten', range: { start: 300, end: 599 } },
    ]);
  });
});

describe('a fork is told from a rewrite', () => {
  const log = sampleLog(40, [10, 20, 40]);
  const odd = (size: number) => ({ size, root: hashLeaf(`fork at ${size}`) });

  it('when two checkpoints of one size have different roots', async () => {
    for (const checkpoints of [
      [...log.checkpoints, odd(40)],
      [odd(40), ...log.checkpoints],
    ]) {
      const report = await verifyLog({ entries: log.entries, checkpoints });
      expect(report.problems).toMatchObject([{ kind: 'fork', index: 40 }]);
      expect(report.confirmedSize).toBe(40);
    }
  });

  it('when a later checkpoint confirms the entries', async () => {
    const checkpoints = [odd(5), ...log.checkpoints, odd(20), odd(30)];
    const report = await verifyLog({ entries: log.entries, checkpoints });
    expect(report.problems.map(({ kind, index }) => `${kind} ${index}`)).toEqual([
      'fork 5',
      'fork 20',
      'fork 30',
    ]);
  });

  it('when neither of two roots matches, or the log does not reach them', async () => {
    const neither = [...log.checkpoints.slice(0, 2), odd(30), { size: 30, root: hashLeaf('x') }];
    const report = await verifyLog({ entries: log.entries, checkpoints: neither });
    expect(report.problems).toMatchObject([
      { kind: 'fork', index: 30 },
      { kind: 'rewritten', range: { start: 20, end: 30 } },
    ]);
    const beyond = await verifyLog({
      entries: log.entries,
      checkpoints: [odd(50), { size: 50, root: hashLeaf('x') }],
    });
    expect(beyond.problems).toMatchObject([
      { kind: 'fork', index: 50 },
      { kind: 'truncated', index: 40, range: { start: 40, end: 50 } },
    ]);
  });

  it('when the empty tree was signed with a root', async () => {
    const report = await verifyLog({ entries: [], checkpoints: [odd(0)] });
    expect(report.problems).toMatchObject([{ kind: 'fork', index: 0 }]);
  });
});

describe('several damages', () => {
  it('are each found, given the tiles', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyLog,
        fc.array(fc.tuple(fc.nat(), fc.constantFrom('edit', 'rewrite', 'delete')), {
          maxLength: 8,
        }),
        WAY,
        async (log, damages, way) => {
          const size = log.entries.length;
          const damaged = new Map(damages.map(([n, what]) => [n % size, what]));
          const entries = log.entries.flatMap((entry) => {
            const what = damaged.get(entry.index);
            if (what === 'edit') return [{ ...entry, body: 'edited' }];
            if (what === 'rewrite') return [rewritten(entry)];
            return what === 'delete' ? [] : [entry];
          });
          const report = await verifyLog({ ...log, entries: delivered(entries, way) });
          const found = new Set<number>();
          for (const { index, range } of report.problems) {
            const { start, end } = range ?? { start: index as number, end: (index as number) + 1 };
            for (let i = start; i < end; i++) found.add(i);
          }
          expect([...found].sort((a, b) => a - b)).toEqual(
            [...damaged.keys()].sort((a, b) => a - b),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('of a body here and of a tile there are kept apart', async () => {
    const log = sampleLog(30, [10, 20, 30]);
    const entries = replace(log.entries, 12, { body: 'edited' });
    const tileReader = () => flipBit(log.tileReader(0) as Buffer, 15 * 256);
    const report = await verifyLog({ entries, checkpoints: log.checkpoints, tileReader });
    expect(report.problems).toMatchObject([
      { kind: 'edited', index: 12 },
      { kind: 'tile_mismatch', index: 15 },
    ]);
    expect(report.confirmedSize).toBe(30);
  });

  it('in both bodies and stored hashes of one stretch leave only the stretch to name', async () => {
    const log = sampleLog(30, [10, 20, 30]);
    const edited = replace(log.entries, 12, { body: 'edited' });
    const entries = replace(edited, 15, { leafHash: hashLeaf('other') });
    const report = await verifyLog({ entries, checkpoints: log.checkpoints });
    expect(report.problems).toMatchObject([
      { kind: 'edited', index: 12 },
      { kind: 'edited', index: 15 },
      { kind: 'rewritten', range: { start: 10, end: 20 } },
    ]);
  });

  it('beyond the limit are counted but not kept', async () => {
    const log = sampleLog(300, [300]);
    const entries = log.entries.map((entry) => ({ ...entry, body: 'edited' }));
    const report = await verifyLog({ ...log, entries, maxProblems: 5 });
    expect(report.problems.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(report.problemCount).toBe(300);
  });

  it('are still found behind a gap that no tile fills', async () => {
    const log = sampleLog(30, [30]);
    const entries = replace(log.entries, 20, { body: 'edited' }).toSpliced(3, 2);
    const report = await verifyLog({ entries, checkpoints: log.checkpoints });
    expect(report.problems).toMatchObject([
      { kind: 'deleted', range: { start: 3, end: 5 } },
      { kind: 'edited', index: 20 },
    ]);
    expect(report.root).toBeUndefined();
  });
});

describe('hostile input', () => {
  it('with unusable indexes or bodies is located, not thrown', async () => {
    const log = sampleLog(6, []);
    const entries = [...log.entries];
    entries.splice(6, 0, { index: Number.NaN, body: 'x' });
    entries.splice(2, 1, { index: 2, body: null as unknown as string });
    const report = await verifyLog({ entries });
    expect(report.problems).toMatchObject([
      { kind: 'malformed', index: 2 },
      { kind: 'malformed', index: 6 },
    ]);
  });

  it('with an index of 2^53-1 at the end is a gap, found at once', async () => {
    const log = sampleLog(6, [6]);
    const entries = [...log.entries, { index: Number.MAX_SAFE_INTEGER, body: 'x' }];
    const report = await verifyLog({ ...log, entries });
    expect(report.problems).toMatchObject([
      { kind: 'deleted', range: { start: 6, end: Number.MAX_SAFE_INTEGER } },
    ]);
  });

  it('with tiles of odd lengths uses the whole hashes that are there', async () => {
    const log = sampleLog(300, [300]);
    const entries = log.entries.with(7, rewritten(at(log.entries, 7)));
    const tileReader = (index: number) =>
      index === 0 ? log.tileReader(0)?.subarray(0, 333) : undefined;
    const report = await verifyLog({ ...log, entries, tileReader });
    expect(report.problems).toMatchObject([{ kind: 'rewritten', index: 7 }]);
  });

  it('with checkpoints that are none is refused, and the source is closed', async () => {
    let closed = false;
    async function* source(...sizes: number[]) {
      try {
        for (const size of sizes) yield { size, root: hashLeaf('') };
      } finally {
        closed = true;
      }
    }
    const { entries } = sampleLog(9, []);
    const unsorted = verifyLog({ entries, checkpoints: source(5, 3) });
    await expect(unsorted).rejects.toMatchObject({ code: 'unsorted_checkpoints' });
    expect(closed).toBe(true);
    const negative = verifyLog({ entries, checkpoints: [{ size: -1, root: hashLeaf('') }] });
    await expect(negative).rejects.toMatchObject({ code: 'bad_checkpoint' });
    const short = verifyLog({ entries, checkpoints: [{ size: 1, root: Buffer.alloc(3) }] });
    await expect(short).rejects.toMatchObject({ code: 'bad_hash' });
  });

  it('passes on the error of an entry source and closes the checkpoints', async () => {
    let closed = false;
    const checkpoints = (function* () {
      try {
        yield { size: 0, root: naiveRoot([]) };
        yield { size: 9, root: hashLeaf('') };
      } finally {
        closed = true;
      }
    })();
    const entries = (async function* (): AsyncGenerator<LogEntry> {
      yield { index: 0, body: 'x' };
      throw new Error('disk gone');
    })();
    await expect(verifyLog({ entries, checkpoints })).rejects.toThrow('disk gone');
    expect(closed).toBe(true);
  });
});
