import type { Environment, Inventory, PackageManager } from '@holdfast/contracts';
import type { Statement, Store } from '@holdfast/store';

/** One manager in one environment, or `system`. */
export interface InventoryScope {
  readonly manager: PackageManager;
  readonly environment: string;
}

export const SYSTEM = 'system';
/** Managers whose machine-wide packages every scan reports. */
export const SYSTEM_MANAGERS: readonly PackageManager[] = ['pip', 'npm', 'apt'];

/** Everything that a scan looks at: managers machine-wide, and environments. */
export const scopesOf = (
  environments: readonly Environment[],
  systemManagers: readonly PackageManager[],
): InventoryScope[] => [
  ...systemManagers.map((manager) => ({ manager, environment: SYSTEM })),
  ...environments.flatMap(({ path, managers }) =>
    managers.map((manager) => ({ manager, environment: path })),
  ),
];

const isIn = (scope: InventoryScope, inventory: Inventory): boolean =>
  scope.manager === inventory.manager && scope.environment === inventory.environment;

/**
 * What a scan says about every scope it was asked for, and nothing else: where the agent sent nothing, the scope
 * counts as failed, so that an earlier inventory never passes for a fresh one.
 */
export const inventoriesOf = (
  scopes: readonly InventoryScope[],
  reported: readonly Inventory[],
  time: string,
): Inventory[] =>
  scopes.map((scope) => {
    const found = reported.find((inventory) => isIn(scope, inventory));
    if (found) return found;
    const reason = 'the agent sent no inventory of it';
    return {
      ...scope,
      packages: {},
      coverage: { status: 'failed', reason, scanned: [] },
      scanned_at: time,
    };
  });

/** The inventories of a host as of its last scan. */
export const readInventories = async (store: Store, host: string): Promise<Inventory[]> => {
  const rows = await store.read<{ record: string }>(
    'SELECT record FROM inventories WHERE host = ? ORDER BY manager, environment',
    [host],
  );
  return rows.map((row) => JSON.parse(row.record) as Inventory);
};

export const replaceInventories = (
  host: string,
  inventories: readonly Inventory[],
): Statement[] => [
  { sql: 'DELETE FROM inventories WHERE host = ?', params: [host] },
  {
    sql: 'INSERT INTO inventories (host, manager, environment, record) VALUES (?, ?, ?, ?)',
    many: inventories.map((inventory) => [
      host,
      inventory.manager,
      inventory.environment,
      JSON.stringify(inventory),
    ]),
  },
];
