import { bindValues } from './sql-values.ts';
import type { BoundValue } from './sql-values.ts';
import { statementText } from './statement-text.ts';
import type { StatementText } from './statement-text.ts';
import { StoreError } from './store-error.ts';
import type { Statement } from './store.ts';

/** A checked statement: `runs` holds one parameter row per execution. */
export interface BoundStatement {
  text: StatementText;
  runs: BoundValue[][];
  expect: number | undefined;
}

/** Checks a whole write before it is queued, so that no engine meets a value it cannot take. */
export function bindWrite(statements: readonly Statement[]): BoundStatement[] {
  return statements.map(({ sql, params, many, expect }) => {
    const text = statementText(sql);
    if (many !== undefined && params !== undefined) {
      throw new StoreError('STORE_SQL', `both params and many given for: ${sql.slice(0, 120)}`);
    }
    const runs =
      many === undefined
        ? [bindValues(params, text.placeholders)]
        : many.map((row) => bindValues(row, text.placeholders));
    return { text, runs, expect };
  });
}

/** The refusal of a write whose statement changed another number of rows than it had to. */
export function conflictMessage(sql: string, changed: number, expected: number): string {
  return `${changed} rows changed, expected ${expected}, by: ${sql.slice(0, 120)}`;
}
