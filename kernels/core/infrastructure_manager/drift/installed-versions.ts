import type { Inventory, PackageManager } from '@holdfast/contracts';
import { normalizeName } from '@holdfast/versions';

/** The installed version of a package, or undefined when the inventory has none of that name. */
export type InstalledVersions = (
  manager: PackageManager,
  environment: string,
  name: string,
) => string | undefined;

/** The name under which packages are compared; what is no legal name stands for itself. */
export const comparableName = (manager: PackageManager, name: string): string => {
  try {
    return normalizeName(manager, name);
  } catch {
    return name;
  }
};

export const createInstalledVersions = (inventories: readonly Inventory[]): InstalledVersions => {
  const tables = new Map<string, Map<string, string>>();
  const tableOf = (manager: PackageManager, environment: string): Map<string, string> => {
    const key = JSON.stringify([manager, environment]);
    const known = tables.get(key);
    if (known) return known;
    const found = inventories.find(
      (one) => one.manager === manager && one.environment === environment,
    );
    const table = new Map(
      Object.entries(found?.packages ?? {}).map(([name, version]) => [
        comparableName(manager, name),
        version,
      ]),
    );
    tables.set(key, table);
    return table;
  };
  return (manager, environment, name) =>
    tableOf(manager, environment).get(comparableName(manager, name));
};
