import { expect, it } from 'vitest';
import { bindWrite } from '../bound-write.ts';
import { planBurst } from './plan-burst.ts';

const insert = 'INSERT INTO t (a, b) VALUES (?, ?)';

it('joins neighbouring rows of one plain insert, across callers, in powers of two', () => {
  const first = bindWrite([
    {
      sql: insert,
      many: [
        ['a', 1],
        ['b', 2],
      ],
    },
  ]);
  const second = bindWrite([{ sql: insert, params: ['c', 3] }]);
  const planned = planBurst([first, second]);
  expect(planned.map(({ sql, params }) => [sql, params])).toEqual([
    ['INSERT INTO t (a, b) VALUES ($1,$2),($3,$4)', ['a', 1, 'b', 2]],
    ['INSERT INTO t (a, b) VALUES ($1, $2)', ['c', 3]],
  ]);
  expect(planned[0]?.owners).toEqual([first[0], first[0]]);
  expect(planned[1]?.owners).toEqual([second[0]]);
});

it.each([
  'INSERT INTO t (a, b) VALUES (?, ?) RETURNING a',
  'INSERT INTO t (a, b) VALUES (?, ?) ON CONFLICT DO NOTHING',
  "INSERT INTO t (a, b) VALUES (?, ? || ')')",
  'INSERT INTO t (a, b) SELECT ?, ?',
  'UPDATE t SET a = ? WHERE b = ?',
])('leaves each row of %s alone', (sql) => {
  const planned = planBurst([
    bindWrite([
      {
        sql,
        many: [
          ['a', 'b'],
          ['c', 'd'],
        ],
      },
    ]),
  ]);
  expect(planned.map(({ params }) => params)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

it('keeps the order of what is not the same statement', () => {
  const write = bindWrite([
    { sql: insert, params: ['a', 1] },
    { sql: 'DELETE FROM t WHERE a = ?', params: ['a'] },
    { sql: insert, params: ['b', 2] },
  ]);
  expect(planBurst([write]).map(({ owners }) => owners[0])).toEqual(write);
});

it('stays within the number of parameters that the protocol can count', () => {
  const columns = Array.from({ length: 500 }, (_, index) => `c${index}`);
  const marks = columns.map(() => '?').join(', ');
  const sql = `INSERT INTO wide (${columns.join(', ')}) VALUES (${marks})`;
  const many = Array.from({ length: 300 }, () => columns);
  const planned = planBurst([bindWrite([{ sql, many }])]);
  expect(Math.max(...planned.map(({ params }) => params.length))).toBeLessThanOrEqual(60_000);
  expect(planned.flatMap(({ owners }) => owners)).toHaveLength(300);
});
