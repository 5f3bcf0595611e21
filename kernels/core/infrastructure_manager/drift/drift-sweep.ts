import {
  computeDrift,
  driftFingerprint,
  prepareBaseline,
  type BaselineEntry,
  type DriftReport,
  type Inventory,
  type PreparedBaseline,
} from '@holdfast/versions';

export interface SweepHost {
  readonly host: string;
  /** Names the content of `entries`: equal digests are prepared once. */
  readonly digest: string;
  readonly entries: readonly BaselineEntry[];
  /** `packages` may be a record or a Map; a sweep of many hosts is a third faster with Maps. */
  readonly inventories: readonly Inventory[];
}

export interface SweptHost {
  readonly host: string;
  readonly report: DriftReport;
  /** Empty when there is no drift. */
  readonly fingerprint: string;
}

const PREPARED_KEPT = 1_000;

/** Compares baselines with inventories; keeps prepared baselines, touches nothing else. */
export const createDriftSweep = (): ((hosts: readonly SweepHost[]) => SweptHost[]) => {
  const prepared = new Map<string, PreparedBaseline>();

  const prepare = ({ digest, entries }: SweepHost): PreparedBaseline => {
    const known = prepared.get(digest);
    if (known) return known;
    if (prepared.size >= PREPARED_KEPT) prepared.clear();
    const fresh = prepareBaseline(entries);
    prepared.set(digest, fresh);
    return fresh;
  };

  return (hosts) =>
    hosts.map((one) => {
      const report = computeDrift(prepare(one), one.inventories);
      const fingerprint = report.entries.length === 0 ? '' : driftFingerprint(report.entries);
      return { host: one.host, report, fingerprint };
    });
};
