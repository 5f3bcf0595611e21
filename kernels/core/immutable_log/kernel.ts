import { HoldfastError, logApi, type LedgerCheckpoint } from '@holdfast/contracts';
import { defineKernel, type StreamItem } from '@holdfast/sdk';
import type { Store } from '@holdfast/store';
import * as z from 'zod';
import { auditLedger } from './audit-ledger.ts';
import { toEntry } from './entry-row.ts';
import { createEntrySearch } from './entry-search.ts';
import { createLabels } from './labels.ts';
import { openLedger } from './ledger.ts';
import { logMigrations } from './migrations.ts';
import { consistencyHashes, inclusionProof } from './proofs.ts';
import { loadSigningKey } from './signing-key.ts';

const EXPORT_PAGE = 1000;

/** A header with the checkpoint, then every entry under it, in order. */
async function* exportEntries(
  store: Store,
  checkpoint: LedgerCheckpoint,
): AsyncIterable<StreamItem> {
  yield { data: { format: 'holdfast.ledger-export.v1', checkpoint } };
  const rows = store.scan<{ idx: number; body: string }>(
    'SELECT idx, body FROM entries WHERE idx < ? ORDER BY idx',
    [checkpoint.size],
    EXPORT_PAGE,
  );
  for await (const page of rows)
    for (const row of page) yield { data: { index: row.idx, body: row.body } };
}

export const immutableLog = defineKernel({
  id: 'immutable_log',
  api: logApi,
  config: { schema: z.strictObject({}), fromProfile: () => ({}) },
  needs: {},
  subscribes: [],
  migrations: logMigrations,
  async init({ store, home }) {
    const signer = loadSigningKey(home);
    const ledger = await openLedger(store, signer);
    const search = createEntrySearch(store, createLabels(store));
    const checkpoint = (): LedgerCheckpoint => {
      const { size, root, note } = ledger.head();
      return {
        origin: ledger.origin,
        size,
        root: root.toString('hex'),
        note,
        key: signer.verifierKey,
      };
    };

    return {
      handlers: {
        async appendEntries({ events }) {
          const receipts = await ledger.append(events);
          const { size, note } = ledger.head();
          return { receipts, size, note };
        },
        async listEntries(input) {
          const { rows, total } = await search.page(input);
          const next_cursor = rows.length < input.limit ? null : String(rows.at(-1)!.idx);
          return { items: rows.map(toEntry), total, next_cursor };
        },
        getCheckpoint: async () => checkpoint(),
        async getProof({ id }) {
          const row = await search.find(id);
          const now = checkpoint();
          // It is stored, but nobody was told so yet: no checkpoint that was given away covers it.
          if (row.idx >= now.size) throw new HoldfastError('entry_not_found', { id });
          return inclusionProof(store, row, now);
        },
        async getConsistency({ from, to }) {
          const now = checkpoint();
          const end = to ?? now.size;
          return {
            from,
            to: end,
            hashes: await consistencyHashes(store, from, end, now.size),
            checkpoint: now,
          };
        },
        exportLog: () => exportEntries(store, checkpoint()),
        verifyLog: () =>
          auditLedger({ store, verifierKey: signer.verifierKey, witnesses: [ledger.head().note] }),
      },
      async health() {
        const [row] = await store.read<{ stored: number | null; signed: number | null }>(
          'SELECT (SELECT MAX(idx) + 1 FROM entries) AS stored, (SELECT size FROM head) AS signed',
        );
        const stored = row?.stored ?? 0;
        const signed = row?.signed ?? 0;
        const ok = stored === signed && signed >= ledger.head().size;
        return [{ name: 'head', ok, detail: `${signed} signed, ${stored} stored` }];
      },
      metrics: () => [
        '# TYPE holdfast_ledger_entries gauge',
        `holdfast_ledger_entries ${ledger.head().size}`,
      ],
    };
  },
});
