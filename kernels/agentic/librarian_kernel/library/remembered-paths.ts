import type { Statement, Store } from '@holdfast/store';
import { isWithin } from '../files/allowed-roots.ts';

/**
 * Files and folders that are looked through at each reindex, and files that somebody took out and that therefore stay out
 * until they are named again.
 */
export interface RememberedPaths {
  collections(): Promise<string[]>;
  exclusions(): Promise<Set<string>>;
  /** Remembers a path; what lies below it needs no entry of its own, and may come in again. */
  remember(path: string): Promise<Statement[]>;
  exclude(path: string): Statement[];
}

const INSERT = (table: 'collections' | 'exclusions'): string =>
  `INSERT INTO ${table} (path) VALUES (?) ON CONFLICT (path) DO NOTHING`;

export const createRememberedPaths = (store: Store): RememberedPaths => {
  const paths = async (table: 'collections' | 'exclusions'): Promise<string[]> =>
    (await store.read<{ path: string }>(`SELECT path FROM ${table} ORDER BY path`)).map(
      ({ path }) => path,
    );
  const forget = (table: 'collections' | 'exclusions', gone: readonly string[]): Statement[] =>
    gone.length === 0
      ? []
      : [{ sql: `DELETE FROM ${table} WHERE path = ?`, many: gone.map((path) => [path]) }];
  return {
    collections: () => paths('collections'),
    exclusions: async () => new Set(await paths('exclusions')),
    async remember(path) {
      const below = (other: string): boolean => other !== path && isWithin(other, path);
      const known = await paths('collections');
      const covered = known.some((other) => isWithin(path, other));
      const back = (await paths('exclusions')).filter((other) => isWithin(other, path));
      return [
        ...forget('collections', known.filter(below)),
        ...forget('exclusions', back),
        ...(covered ? [] : [{ sql: INSERT('collections'), params: [path] }]),
      ];
    },
    exclude: (path) => [
      { sql: INSERT('exclusions'), params: [path] },
      { sql: 'DELETE FROM collections WHERE path = ?', params: [path] },
    ],
  };
};
