import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readText, statementText } from './statement-text.ts';

describe('statementText', () => {
  it('numbers placeholders outside of literals, identifiers and comments', () => {
    const sql = `INSERT INTO t (a, "b?") VALUES (?, 'it''s ?', ?) -- ? really\n /* ? */ RETURNING a`;
    expect(statementText(sql)).toEqual({
      sql,
      postgres: `INSERT INTO t (a, "b?") VALUES ($1, 'it''s ?', $2) -- ? really\n /* ? */ RETURNING a`,
      verb: 'INSERT',
      placeholders: 2,
      returning: true,
    });
  });

  it('finds the verb behind common table expressions', () => {
    const sql = 'WITH old AS (SELECT a FROM t) DELETE FROM t WHERE a IN (SELECT a FROM old)';
    expect(statementText(sql)).toMatchObject({ verb: 'DELETE', returning: false });
    expect(() => readText(sql)).toThrow('DELETE passed to a read');
    expect(readText('with x as (select 1 as a) select a from x').verb).toBe('SELECT');
  });

  it('takes a trailing semicolon and refuses what follows one', () => {
    expect(statementText('SELECT 1;  -- done').verb).toBe('SELECT');
    for (const sql of ['SELECT 1; SELECT 2', "SELECT 1; 'x'", 'SELECT 1;;x']) {
      expect(() => statementText(sql)).toThrow('more than one statement');
    }
  });

  it('never mistakes the inside of a literal for SQL', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const literal = `'${value.replaceAll("'", "''")}'`;
        const text = statementText(`SELECT ${literal} WHERE a = ?`);
        expect(text.placeholders).toBe(1);
        expect(text.postgres).toBe(`SELECT ${literal} WHERE a = $1`);
      }),
    );
  });
});
