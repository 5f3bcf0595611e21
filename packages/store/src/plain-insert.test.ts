import { describe, expect, it } from 'vitest';
import { chunkSize, insertHead } from './plain-insert.ts';
import { statementText } from './statement-text.ts';

describe('insertHead', () => {
  it('is the text before the row of a plain insert', () => {
    const text = statementText('INSERT INTO notes (name, "size") VALUES (?, ?)');
    expect(insertHead(text)).toBe('INSERT INTO notes (name, "size") VALUES ');
  });

  it.each([
    "INSERT INTO notes (name) VALUES (? || 'x')",
    'INSERT INTO notes (name) VALUES (?) RETURNING seq',
    'INSERT INTO notes (name) VALUES (?) ON CONFLICT (name) DO NOTHING',
    'INSERT INTO notes (name) VALUES (?), (?)',
    'INSERT INTO notes (name) SELECT name FROM others WHERE name = ?',
    'UPDATE notes SET name = ?',
  ])('leaves %s alone', (sql) => {
    expect(insertHead(statementText(sql))).toBeUndefined();
  });
});

it('cuts rows into powers of two within the limits of the engine', () => {
  const limits = { maxRows: 64, maxParams: 100 };
  expect([1, 2, 3, 7, 64, 1000].map((count) => chunkSize(count, 1, limits))).toEqual([
    1, 2, 2, 4, 64, 64,
  ]);
  expect(chunkSize(1000, 10, limits)).toBe(8);
  expect(chunkSize(1000, 200, limits)).toBe(1);
});
