import type { Migration, Row, SqlValue, Statement, WriteResult } from '@holdfast/store';
import { bindWrite } from '../../../packages/store/src/bound-write.ts';
import { renderDdl } from '../../../packages/store/src/dialect.ts';
import { openConnection } from '../../../packages/store/src/sqlite/connection.ts';
import { runWrite } from '../../../packages/store/src/sqlite/run-write.ts';
import { sqliteFailure } from '../../../packages/store/src/sqlite/sqlite-failure.ts';
import { bindValues } from '../../../packages/store/src/sql-values.ts';
import { readText } from '../../../packages/store/src/statement-text.ts';
import type { Rows } from './rows.ts';

const createTables = (exec: (sql: string) => void, migrations: readonly Migration[]): void => {
  for (const { sql } of migrations)
    for (const statement of sql) exec(renderDdl(statement, 'sqlite'));
};

/** Tables in SQLite's memory, run by the same code as the real store runs them on a file. */
export const openSqliteRows = (migrations: readonly Migration[]): Rows => {
  const connection = openConnection(':memory:');
  connection.exec('PRAGMA case_sensitive_like = ON; PRAGMA foreign_keys = ON');
  createTables(connection.exec, migrations);
  const tables = connection
    .rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .map((row) => String(row['name']));

  return {
    write(statements: readonly Statement[]): WriteResult {
      const bound = bindWrite(statements);
      connection.run('BEGIN');
      try {
        const result = runWrite(connection, bound, { changed: 0 });
        connection.run('COMMIT');
        return result;
      } catch (error) {
        connection.run('ROLLBACK');
        throw sqliteFailure(error, 'writing');
      }
    },
    read(sql: string, params?: readonly SqlValue[]): Row[] {
      try {
        return connection.rows(sql, bindValues(params, readText(sql).placeholders));
      } catch (error) {
        throw sqliteFailure(error, 'reading');
      }
    },
    clear() {
      for (const table of tables) connection.run(`DELETE FROM ${table}`);
    },
  };
};
