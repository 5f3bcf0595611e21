import { expect, it } from 'vitest';
import { codeOf, insertNote, names } from './harness.ts';
import type { Harness } from './harness.ts';

export function concurrencyCases({ open }: Harness): void {
  it('lets one failing caller of a group fail alone', async () => {
    const store = await open();
    await store.write([insertNote('taken')]);
    const before = store.stats().batches;
    const codes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        codeOf(
          index % 5 === 3
            ? store.write([insertNote(`half${index}`), insertNote('taken')])
            : store.write([insertNote(`n${index}`), insertNote(`m${index}`)]),
        ),
      ),
    );
    const failing = [3, 8, 13, 18];
    expect(codes).toEqual(
      codes.map((_, index) => (failing.includes(index) ? 'STORE_CONSTRAINT' : 'resolved')),
    );
    const expected = codes.flatMap((_, index) =>
      failing.includes(index) ? [] : [`n${index}`, `m${index}`],
    );
    expect(await names(store)).toEqual(['taken', ...expected]);
    expect(store.stats().batches).toBe(before + 1);
  });

  it('lets a caller see what an earlier caller of the same group wrote', async () => {
    const store = await open();
    const first = store.write([insertNote('a')]);
    const second = store.write([
      { sql: 'UPDATE notes SET size = 1 WHERE name = ?', params: ['a'], expect: 1 },
    ]);
    const third = store.write([
      { sql: 'UPDATE notes SET size = 2 WHERE name = ? AND size = 0', params: ['a'], expect: 1 },
    ]);
    expect([await codeOf(first), await codeOf(second), await codeOf(third)]).toEqual([
      'resolved',
      'resolved',
      'WRITE_CONFLICT',
    ]);
  });

  it('commits 64 concurrent callers in the order of their numbers', async () => {
    const store = await open();
    const order: number[] = [];
    const perCaller = 20;
    await Promise.all(
      Array.from({ length: 64 }, async (_, caller) => {
        let last = 0;
        for (let round = 0; round < perCaller; round++) {
          const { rows } = await store.write([
            {
              sql: 'INSERT INTO notes (name, size) VALUES (?, ?) RETURNING seq',
              params: [`${caller}.${round}`, round],
            },
          ]);
          const seq = rows[0]?.[0]?.['seq'] as number;
          expect(seq).toBeGreaterThan(last);
          last = seq;
          order.push(seq);
        }
      }),
    );
    expect(order).toHaveLength(64 * perCaller);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    const { batches, writes, queueDepth, lastCommitMs } = store.stats();
    expect(writes).toBe(64 * perCaller);
    expect(batches).toBeLessThan(writes / 4);
    expect(queueDepth).toBe(0);
    expect(lastCommitMs).toBeGreaterThan(0);
  });

  it('never shows a write that is not complete', async () => {
    const store = await open();
    const sizes = [1, 2, 3, 4, 5].map((round) => round * 10);
    const writing = sizes.map((size) =>
      store.write([
        { sql: 'DELETE FROM notes' },
        { sql: 'INSERT INTO notes (name, size) VALUES (?, ?)', many: pair(size) },
      ]),
    );
    const reading = sizes.map(() => store.read<{ size: number }>('SELECT size FROM notes'));
    for (const rows of await Promise.all(reading)) {
      expect(new Set(rows.map((row) => row.size)).size).toBeLessThanOrEqual(1);
      expect([0, 2]).toContain(rows.length);
    }
    await Promise.all(writing);
  });
}

const pair = (size: number) => [
  ['left', size],
  ['right', size],
];
