import type { Inventory } from '@holdfast/contracts';
import type { Statement, Store } from '@holdfast/store';
import {
  evaluateMarker,
  NOT_INSTALLED,
  PackageInputError,
  type DriftReport,
} from '@holdfast/versions';
import type { z } from 'zod';
import type { dependencySchema } from '@holdfast/contracts';
import type { DeclaredEntry } from '../baseline/stored-baseline.ts';
import { nextCursor, offsetOf, type Page } from '../page.ts';
import { createInstalledVersions } from './installed-versions.ts';

export type Dependency = z.infer<typeof dependencySchema>;

const keyOf = (row: { manager: string; environment: string; package: string; expected: string }) =>
  JSON.stringify([row.manager, row.environment, row.package, row.expected]);

const isExpected = (entry: DeclaredEntry, inventories: readonly Inventory[]): boolean => {
  if (!entry.marker) return true;
  const found = inventories.find(
    ({ manager, environment }) => manager === entry.manager && environment === entry.environment,
  );
  try {
    return evaluateMarker(entry.marker, found?.markers ?? {});
  } catch (error) {
    if (error instanceof PackageInputError) return true;
    throw error;
  }
};

/** One row for each declared package that this host should have, and one for each further drift of an extra. */
export const dependencyRows = (
  host: string,
  entries: readonly DeclaredEntry[],
  report: DriftReport,
  inventories: readonly Inventory[],
): Dependency[] => {
  const installed = createInstalledVersions(inventories);
  const drifted = new Map(report.entries.map((row) => [keyOf(row), row]));
  const unknown = new Set(report.unknown.map(keyOf));
  const rows = entries
    .filter((entry) => isExpected(entry, inventories))
    .map((entry): Dependency => {
      const { manager, environment, package: name, expected } = entry;
      const key = keyOf(entry);
      const drift = drifted.get(key);
      drifted.delete(key);
      const actual = drift?.actual ?? installed(manager, environment, name) ?? NOT_INSTALLED;
      const status = drift ? 'drift' : unknown.has(key) ? 'unknown' : 'in_sync';
      return { host, manager, environment, package: name, expected, actual, status };
    });
  const further = [...drifted.values()].map(
    ({ manager, environment, package: name, expected, actual }): Dependency => ({
      host,
      manager,
      environment,
      package: name,
      expected,
      actual,
      status: 'drift',
    }),
  );
  return [...rows, ...further];
};

export const replaceDependencies = (host: string, rows: readonly Dependency[]): Statement[] => [
  { sql: 'DELETE FROM dependencies WHERE host = ?', params: [host] },
  {
    sql: 'INSERT INTO dependencies (host, ord, status, record) VALUES (?, ?, ?, ?)',
    many: rows.map((row, index) => [host, index, row.status, JSON.stringify(row)]),
  },
];

interface DependencyQuery {
  readonly host?: string;
  readonly status?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** Rows of one host or all, as of their last scans, in a stable order. */
export const listDependencies = async (
  store: Store,
  query: DependencyQuery,
): Promise<Page<Dependency>> => {
  const filters = [
    ...(query.host === undefined ? [] : [['host = ?', query.host] as const]),
    ...(query.status === undefined ? [] : [['status = ?', query.status] as const]),
  ];
  const where = filters.length === 0 ? '' : `WHERE ${filters.map(([text]) => text).join(' AND ')}`;
  const params = filters.map(([, value]) => value);
  const offset = offsetOf(query.cursor);
  const [counted] = await store.read<{ total: number }>(
    `SELECT COUNT(*) AS total FROM dependencies ${where}`,
    params,
  );
  const rows = await store.read<{ record: string }>(
    `SELECT record FROM dependencies ${where} ORDER BY host, ord LIMIT ? OFFSET ?`,
    [...params, query.limit, offset],
  );
  const total = counted?.total ?? 0;
  const items = rows.map(({ record }) => JSON.parse(record) as Dependency);
  return { items, total, next_cursor: nextCursor(offset, items.length, total) };
};
