import type { Baseline, BaselineEntry, Declarer } from '@holdfast/contracts';
import type { Statement, Store } from '@holdfast/store';

/** An entry with what drift needs beside the wire form. `optional`: it may be absent, as a pip constraint may. */
export type DeclaredEntry = BaselineEntry & { optional?: boolean };
export type StoredBaseline = Omit<Baseline, 'entries'> & { entries: DeclaredEntry[] };

export const declarerOf = ({ set_by, set_with }: StoredBaseline): Declarer => ({
  declared_by: set_by,
  ...(set_with !== undefined && { declared_with: set_with }),
});

export const readBaseline = async (
  store: Store,
  host: string,
): Promise<StoredBaseline | undefined> => {
  const rows = await store.read<{ record: string }>('SELECT record FROM baselines WHERE host = ?', [
    host,
  ]);
  return rows[0] && (JSON.parse(rows[0].record) as StoredBaseline);
};

export const saveBaseline = (baseline: StoredBaseline): Statement => ({
  sql: `INSERT INTO baselines (host, record) VALUES (?, ?)
    ON CONFLICT (host) DO UPDATE SET record = excluded.record`,
  params: [baseline.host, JSON.stringify(baseline)],
});
