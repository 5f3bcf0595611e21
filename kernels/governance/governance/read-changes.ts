import { HoldfastError, isTerminal, type Change, type governanceApi } from '@holdfast/contracts';
import type { Handlers } from '@holdfast/sdk';
import type { SqlValue } from '@holdfast/store';
import { COLUMNS, recordOf, type ChangeRow } from './change-rows.ts';
import type { Parts } from './context.ts';

type Reads = Pick<Handlers<typeof governanceApi>, 'listChanges' | 'listUpdates' | 'getChange'>;

interface Page {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

interface Filter {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

const present = (filters: readonly (Filter | undefined)[]): Filter[] =>
  filters.filter((filter) => filter !== undefined);

const equals = (column: string, value: string | undefined): Filter | undefined =>
  value === undefined ? undefined : { sql: `${column} = ?`, params: [value] };

/** Changes of packages; an undo on a host is one of them. */
const TOUCHES_PACKAGES: Filter = {
  sql: "(kind = 'packages.repair' OR kind = 'packages.update' OR (kind = 'revert' AND host <> ''))",
  params: [],
};

/** A host by its id, or by the name that the author of the change used. */
const onHost = (host: string | undefined): Filter | undefined =>
  host === undefined ? undefined : { sql: '(host = ? OR asked_host = ?)', params: [host, host] };

const decodeCursor = (cursor: string): number => {
  if (!/^\d{1,15}$/.test(cursor)) throw new HoldfastError('cursor_invalid', { cursor });
  return Number(cursor);
};

const whereOf = (filters: readonly Filter[]): Filter => ({
  sql: filters.length === 0 ? '' : `WHERE ${filters.map((one) => one.sql).join(' AND ')}`,
  params: filters.flatMap((one) => one.params),
});

export const readHandlers = ({ context, changes }: Parts): Reads => {
  const { store, clock } = context;

  const page = async (filters: readonly Filter[], { limit, cursor }: Page) => {
    const all = whereOf(filters);
    const before =
      cursor === undefined ? undefined : { sql: 'seq < ?', params: [decodeCursor(cursor)] };
    const some = whereOf(present([...filters, before]));
    const rows = await store.read<ChangeRow>(
      `SELECT ${COLUMNS} FROM changes ${some.sql} ORDER BY seq DESC LIMIT ?`,
      [...some.params, limit + 1],
    );
    const [count] = await store.read<{ n: number }>(
      `SELECT COUNT(*) AS n FROM changes ${all.sql}`,
      all.params,
    );
    const shown = rows.slice(0, limit);
    const items: Change[] = shown.map((row) => recordOf(row).change);
    const next_cursor = rows.length > limit ? String(shown.at(-1)?.seq) : null;
    return { items, total: count?.n ?? 0, next_cursor };
  };

  return {
    listChanges: async ({ state, kind, host, ...paging }) =>
      page(present([equals('state', state), equals('kind', kind), onHost(host)]), paging),
    listUpdates: async ({ host, ...paging }) =>
      page(present([TOUCHES_PACKAGES, onHost(host)]), paging),
    async getChange({ id, after_version, until, wait_ms }, call) {
      const done = new AbortController();
      const ended = AbortSignal.any([call.signal, done.signal]);
      const deadline = clock.sleep(wait_ms, ended).then(() => 'late' as const);
      try {
        for (;;) {
          const next = changes.waiters.next(id);
          try {
            const { change } = await changes.load(id);
            const isNewer = after_version === undefined || change.version > after_version;
            const isNews = isNewer && (until === undefined || isTerminal(change.state));
            if (isNews || wait_ms === 0) return change;
            if ((await Promise.race([next.woken, deadline])) === 'late')
              return (await changes.load(id)).change;
          } finally {
            next.cancel();
          }
        }
      } finally {
        done.abort('answered');
      }
    },
  };
};
