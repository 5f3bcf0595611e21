import { readExpression, type Scope } from './expressions.ts';
import type { Table, Unique } from './tables.ts';
import { createReader, type Reader } from './tokens.ts';
import type { Value } from './values.ts';

export type Tables = Map<string, Table>;

const scopeOf = (table: Table): Scope => ({
  find(_, column) {
    const index = table.columns.indexOf(column);
    if (index < 0) throw new Error(`no column ${column} in ${table.name}`);
    return [0, index];
  },
  nextParameter: () => 0,
  subselect: (reader) => reader.fail('a SELECT in a table'),
  onAggregate: () => {},
});

const columnList = (reader: Reader, table: Table): number[] => {
  const columns: number[] = [];
  reader.needsMark('(');
  do {
    columns.push(table.columns.indexOf(reader.name()));
    if (!reader.takes('ASC')) reader.takes('DESC');
  } while (reader.takesMark(','));
  reader.needsMark(')');
  if (columns.includes(-1)) reader.fail('a column that is not there');
  return columns;
};

const addUnique = (
  table: Table,
  columns: readonly number[],
  where?: Unique['where'],
  name?: string,
): void => {
  table.uniques.push({ name, columns, where, rows: new Map() });
};

const readLiteral = (reader: Reader): Value => {
  if (reader.takes('NULL')) return null;
  const isNegative = reader.takesMark('-');
  const token = reader.next();
  if (token.kind === 'text') return token.value;
  if (token.kind === 'number') return isNegative ? -token.value : token.value;
  return reader.fail('expected a literal');
};

const readColumn = (reader: Reader, table: Table): void => {
  const column = table.columns.length;
  table.columns.push(reader.name());
  table.required.push(false);
  table.defaults.push(null);
  reader.name();
  while (!reader.seesMark(',') && !reader.seesMark(')') && !reader.atEnd()) {
    if (reader.takes('NOT', 'NULL')) table.required[column] = true;
    else if (reader.takes('PRIMARY', 'KEY') || reader.takes('UNIQUE')) addUnique(table, [column]);
    else if (reader.takes('AUTOINCREMENT')) table.identity = column;
    else if (reader.takes('DEFAULT')) table.defaults[column] = readLiteral(reader);
    else if (reader.takes('CHECK')) {
      reader.needsMark('(');
      table.checks.push(readExpression(reader, scopeOf(table)));
      reader.needsMark(')');
    } else reader.fail('a column with more than is known');
  }
};

const readTable = (reader: Reader, tables: Tables): void => {
  const table: Table = {
    name: reader.name(),
    columns: [],
    required: [],
    defaults: [],
    identity: undefined,
    last: 0,
    uniques: [],
    checks: [],
    rows: [],
  };
  reader.needsMark('(');
  do {
    if (reader.takes('PRIMARY', 'KEY') || reader.takes('UNIQUE'))
      addUnique(table, columnList(reader, table));
    else readColumn(reader, table);
  } while (reader.takesMark(','));
  reader.needsMark(')');
  tables.set(table.name, table);
};

const readIndex = (reader: Reader, tables: Tables, isUnique: boolean): void => {
  const name = reader.name();
  reader.needs('ON');
  const table = tables.get(reader.name()) ?? reader.fail('an index on no table');
  const columns = columnList(reader, table);
  if (!isUnique) return;
  const where = reader.takes('WHERE') ? readExpression(reader, scopeOf(table)) : undefined;
  addUnique(table, columns, where, name);
};

/** An index that only makes things faster is not there in the first place. */
const dropIndex = (name: string, tables: Tables): void => {
  for (const { uniques } of tables.values()) {
    const at = uniques.findIndex((unique) => unique.name === name);
    if (at >= 0) uniques.splice(at, 1);
  }
};

/** Carries out one statement of a migration, in SQLite's words. */
export const define = (sql: string, tables: Tables): void => {
  const reader = createReader(sql);
  if (reader.takes('CREATE', 'TABLE')) return readTable(reader, tables);
  if (reader.takes('CREATE', 'UNIQUE', 'INDEX')) return readIndex(reader, tables, true);
  if (reader.takes('CREATE', 'INDEX')) return readIndex(reader, tables, false);
  if (reader.takes('DROP', 'INDEX')) return dropIndex(reader.name(), tables);
  if (reader.takes('ALTER', 'TABLE')) {
    const table = tables.get(reader.name()) ?? reader.fail('no such table');
    if (reader.takes('RENAME', 'COLUMN')) {
      const column = table.columns.indexOf(reader.name());
      reader.needs('TO');
      table.columns[column] = reader.name();
      return;
    }
    reader.needs('ADD', 'COLUMN');
    return readColumn(reader, table);
  }
  return reader.fail('a definition that is not known');
};
