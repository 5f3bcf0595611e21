import { EVENT_TYPES } from '@holdfast/contracts';
import { isStoreError, type Migration } from '@holdfast/store';
import type { KernelContext, Needs } from './define-kernel.ts';

/** The key by which a kernel knows the ledger; to be put before the kernel's own migrations. */
export const ledgerKeyMigration: Migration = {
  version: 6,
  name: 'ledger_key',
  sql: [
    `CREATE TABLE ledger_key (
      id INTEGER PRIMARY KEY,
      verifier_key TEXT NOT NULL,
      learnt_at TEXT NOT NULL
    )`,
  ],
};

/** Trust on first use: the key that the ledger signed the first receipt with is the only one from then on. */
export interface LedgerKey {
  /**
   * Whether this (a C2SP verifier key line) is the key of the ledger. The first one that is asked about is, once that is
   * durable, so ask only about a key that did sign. Another one never is, and that it was used is on record as
   * `governance.tripwire.alert`.
   */
  trusts(key: string): Promise<boolean>;
  /** What is wrong with the key that was asked about last, in words; undefined when nothing is. */
  problem(): string | undefined;
}

type Context = Pick<KernelContext<unknown, Needs>, 'id' | 'store' | 'commit' | 'clock' | 'log'>;

const problemOf = (offered: string, key: string): string =>
  `the ledger signed with the key ${offered}; it is known by ${key}, so this is no receipt`;

export const createLedgerKey = (context: Context): LedgerKey => {
  const { store, clock, log } = context;
  let key: string | undefined;
  let wrong: string | undefined;
  const told = new Set<string>();

  const read = async (): Promise<string | undefined> => {
    const [row] = await store.read<{ verifier_key: string }>(
      'SELECT verifier_key FROM ledger_key WHERE id = 1',
    );
    return row?.verifier_key;
  };

  /** Whoever comes second, in this process or another one, learns what the first one did. */
  const learn = async (offered: string): Promise<string> => {
    const sql = 'INSERT INTO ledger_key (id, verifier_key, learnt_at) VALUES (1, ?, ?)';
    try {
      await store.write([{ sql, params: [offered, clock.iso()] }]);
      log.info({ key: offered }, 'the ledger is known by this key from now on');
      return offered;
    } catch (error) {
      if (!isStoreError(error, 'STORE_CONSTRAINT')) throw error;
      return (await read())!;
    }
  };

  /** Said once for each such key in the life of a process. */
  const alert = async (offered: string, detail: string): Promise<void> => {
    if (told.has(offered)) return;
    const actor = `kernel:${context.id}`;
    log.error({ offered }, detail);
    const data = { rule: 'T2', principal: actor, detail };
    await context.commit(
      [],
      [{ type: EVENT_TYPES.tripwireAlert, subject: 'ledger', actor, priority: 'critical', data }],
    );
    told.add(offered);
  };

  return {
    async trusts(offered) {
      key ??= (await read()) ?? (await learn(offered));
      wrong = offered === key ? undefined : problemOf(offered, key);
      if (wrong !== undefined) await alert(offered, wrong);
      return wrong === undefined;
    },
    problem: () => wrong,
  };
};
