import type { Drift, Environment, Inventory, PackageManager } from '@holdfast/contracts';
import { readBaseline, type StoredBaseline } from '../baseline/stored-baseline.ts';
import type { AgentChannel } from '../channel/agent-channel.ts';
import type { InfrastructureContext } from '../config.ts';
import { inventoriesDigest } from '../digest.ts';
import { dependencyRows, replaceDependencies } from '../drift/dependency-rows.ts';
import { driftOf, readDrift, saveDrift } from '../drift/drift-store.ts';
import { createDriftSweep } from '../drift/drift-sweep.ts';
import { SELF } from '../hosts/host-events.ts';
import type { HostRecord, HostRegistry } from '../hosts/host-registry.ts';
import {
  inventoriesOf,
  readInventories,
  replaceInventories,
  scopesOf,
  SYSTEM,
  SYSTEM_MANAGERS,
} from '../inventory/inventory-store.ts';
import { createKeyedQueue } from '../keyed-queue.ts';
import { scanEvents } from './scan-events.ts';

const SCAN_MS = 60_000;

export interface ScanOptions {
  /** Who asked; the kernel itself unless told. */
  readonly actor?: string;
  /** Environments to look at beside those of the baseline. */
  readonly environments?: readonly Environment[];
  /** Machine-wide packages are looked at too, unless told otherwise: they take longest and no baseline names them. */
  readonly system?: boolean;
}

export interface ScanOutcome {
  readonly host: string;
  /** RFC 3339 UTC. */
  readonly scannedAt: string;
  readonly drift: Drift;
  readonly baseline: StoredBaseline | undefined;
  readonly inventories: readonly Inventory[];
}

export interface Scanner {
  /** Looks at a host afresh. Rejects with agent_offline, agent_timeout. */
  scan(host: string, options?: ScanOptions): Promise<ScanOutcome>;
  /** Runs something that no scan of the host may overlap. */
  exclusively<T>(host: string, task: () => Promise<T>): Promise<T>;
}

const mergeEnvironments = (
  bound: readonly Environment[],
  further: readonly Environment[],
): Environment[] => {
  const merged = new Map(bound.map((environment) => [environment.path, environment]));
  for (const environment of further) {
    const known = merged.get(environment.path);
    const managers = [...new Set([...(known?.managers ?? []), ...environment.managers])];
    merged.set(environment.path, { ...environment, ...known, managers });
  }
  return [...merged.values()];
};

const dependencyStatus = (drift: Drift): HostRecord['dependency_status'] => {
  if (drift.status === 'drift') return 'drift_detected';
  return drift.status === 'in_sync' ? 'in_sync' : 'unknown';
};

export const createScanner = (
  context: InfrastructureContext,
  hosts: HostRegistry,
  channel: AgentChannel,
): Scanner => {
  const { store, clock, ids } = context;
  const inTurn = createKeyedQueue();
  const sweep = createDriftSweep();

  const ask = async (
    host: string,
    environments: Environment[],
    managers: PackageManager[],
  ): Promise<Inventory[]> => {
    const answer = await channel.ask(host, { type: 'scan', environments, managers }, SCAN_MS);
    return inventoriesOf(scopesOf(environments, managers), answer.inventories ?? [], clock.iso());
  };

  /** What the last scan found of the machine itself. */
  const knownSystem = async (host: string): Promise<Inventory[]> =>
    (await readInventories(store, host)).filter(({ environment }) => environment === SYSTEM);

  const scan = async (host: string, options: ScanOptions): Promise<ScanOutcome> => {
    const baseline = await readBaseline(store, host);
    const environments = mergeEnvironments(
      baseline?.environments ?? [],
      options.environments ?? [],
    );
    const inventories =
      options.system === false
        ? [...(await knownSystem(host)), ...(await ask(host, environments, []))]
        : await ask(host, environments, [...SYSTEM_MANAGERS]);
    const [swept] = baseline
      ? sweep([{ host, digest: baseline.digest, entries: baseline.entries, inventories }])
      : [];
    const scannedAt = clock.iso();
    const drift = driftOf(host, baseline, swept?.report, inventories, scannedAt);
    const before = await readDrift(store, host);
    const inventoryDigest = inventoriesDigest(inventories);
    const { events, published } = scanEvents({
      record: hosts.resolve(host).record,
      drift,
      published: before?.published ?? '',
      found: before?.inventoryDigest === inventoryDigest ? undefined : inventoryDigest,
      fingerprint: swept?.fingerprint ?? '',
      scan: ids('scan'),
      actor: options.actor ?? SELF,
      time: scannedAt,
    });
    const rows =
      baseline && swept
        ? replaceDependencies(
            host,
            dependencyRows(host, baseline.entries, swept.report, inventories),
          )
        : [];
    await hosts.update(host, () => ({
      record: { dependency_status: dependencyStatus(drift) },
      statements: [
        ...replaceInventories(host, inventories),
        ...rows,
        saveDrift({ drift, published, inventoryDigest }),
      ],
      events,
    }));
    return { host, scannedAt, drift, baseline, inventories };
  };

  return {
    scan: (host, options = {}) => inTurn(host, () => scan(host, options)),
    exclusively: inTurn,
  };
};
