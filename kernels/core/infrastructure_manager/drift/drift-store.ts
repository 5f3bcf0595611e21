import type { Drift, Inventory } from '@holdfast/contracts';
import type { Statement, Store } from '@holdfast/store';
import { driftFingerprint, type DriftReport } from '@holdfast/versions';
import type { StoredBaseline } from '../baseline/stored-baseline.ts';

/** The drift of a host with what was last told to the world about it. */
export interface StoredDrift {
  readonly drift: Drift;
  /** Fingerprint of the last published drift; empty when the last word was that there is none. */
  readonly published: string;
  readonly inventoryDigest: string;
}

/** Before the first scan. */
export const unscannedDrift = (host: string, revision: number | null): Drift => ({
  host,
  status: revision === null ? 'no_baseline' : 'unknown',
  entries: [],
  coverage: [],
  fingerprint: driftFingerprint([]),
  baseline_revision: revision,
  scanned_at: null,
});

export const coverageOf = (inventories: readonly Inventory[]): Drift['coverage'] =>
  inventories.map(({ manager, environment, packages, coverage }) => ({
    manager,
    environment,
    packages: Object.keys(packages).length,
    ...coverage,
  }));

export const driftOf = (
  host: string,
  baseline: StoredBaseline | undefined,
  report: DriftReport | undefined,
  inventories: readonly Inventory[],
  time: string,
): Drift => ({
  host,
  status: report?.status ?? 'no_baseline',
  entries: (report?.entries ?? []).map(
    ({ manager, environment, package: name, expected, actual }) => ({
      manager,
      environment,
      package: name,
      expected,
      actual,
    }),
  ),
  coverage: coverageOf(inventories),
  fingerprint: driftFingerprint(report?.entries ?? []),
  baseline_revision: baseline?.revision ?? null,
  scanned_at: time,
});

export const readDrift = async (store: Store, host: string): Promise<StoredDrift | undefined> => {
  const [row] = await store.read<{ record: string; published: string; inventory_digest: string }>(
    'SELECT record, published, inventory_digest FROM drifts WHERE host = ?',
    [host],
  );
  return (
    row && {
      drift: JSON.parse(row.record) as Drift,
      published: row.published,
      inventoryDigest: row.inventory_digest,
    }
  );
};

const UPSERT = `INSERT INTO drifts (host, record, published, inventory_digest) VALUES (?, ?, ?, ?)
  ON CONFLICT (host) DO UPDATE SET record = excluded.record, published = excluded.published,
  inventory_digest = excluded.inventory_digest`;

export const saveDrift = ({ drift, published, inventoryDigest }: StoredDrift): Statement => ({
  sql: UPSERT,
  params: [drift.host, JSON.stringify(drift), published, inventoryDigest],
});

/** A new baseline: what was found against the old one no longer holds, what was published still was. */
export const forgetDrift = (host: string, revision: number): Statement[] => [
  {
    sql: `INSERT INTO drifts (host, record, published, inventory_digest) VALUES (?, ?, '', '')
      ON CONFLICT (host) DO UPDATE SET record = excluded.record`,
    params: [host, JSON.stringify(unscannedDrift(host, revision))],
  },
  { sql: 'DELETE FROM dependencies WHERE host = ?', params: [host] },
];
