import { canonicalName } from './manager.ts';
import type { PackageManager } from './manager.ts';
import type { MarkerEnvironment } from './markers.ts';

/** How much of an environment a scan saw. Only `complete` lets absence be concluded. */
export interface Coverage {
  status: 'complete' | 'partial' | 'failed' | 'absent';
  reason?: string;
}

export type ByName<T> = ReadonlyMap<string, T> | Readonly<Record<string, T>>;

/** What one package manager reports of one environment. */
export interface Inventory {
  manager: PackageManager;
  environment: string;
  /** Name as reported to installed version. */
  packages: ByName<string>;
  /** What the environment's interpreter says of itself, for markers. */
  markers?: MarkerEnvironment;
  /**
   * Requirement lines (Requires-Dist) by normalised package name. When given, a package without
   * an entry has no extras that ask for anything; when not given, extras cannot be judged.
   */
  extras?: ByName<readonly string[]>;
  /** The native Debian architecture, e.g. `amd64`. */
  architecture?: string;
  coverage: Coverage;
}

/** The value under a name, never one inherited from a prototype. */
export function valueOf<T>(table: ByName<T>, name: string): T | undefined {
  if (table instanceof Map) return table.get(name) as T | undefined;
  return Object.hasOwn(table, name) ? (table as Record<string, T>)[name] : undefined;
}

/** Calls `visit` with every reported name and version, in the order reported. */
export function eachPackage(
  packages: ByName<string>,
  visit: (name: string, version: string) => void,
): void {
  if (packages instanceof Map) {
    for (const [name, version] of packages as Map<string, string>) visit(name, version);
    return;
  }
  const record = packages as Readonly<Record<string, string>>;
  for (const name of Object.keys(record)) visit(name, record[name] as string);
}

/**
 * Finds the installed version by normalised name: under the name as reported, else in an index that
 * is built on the first miss. `irregular` are the reported names worth indexing for pip, which must
 * include every one that differs from its normal form.
 */
export function createLookup(
  inventory: Inventory,
  irregular: readonly string[],
): (name: string) => string | undefined {
  const { manager, packages } = inventory;
  let index: ReadonlyMap<string, string> | undefined;
  return (name) => {
    const direct = valueOf(packages, name);
    if (direct !== undefined || manager === 'npm') return direct;
    index ??= manager === 'apt' ? indexDebian(inventory) : indexPip(packages, irregular);
    return index.get(name);
  };
}

function indexPip(packages: ByName<string>, names: readonly string[]): Map<string, string> {
  return new Map(
    names.map((name) => [canonicalName('pip', name), valueOf(packages, name) as string]),
  );
}

function indexDebian({ packages, architecture }: Inventory): Map<string, string> {
  const index = new Map<string, string>();
  eachPackage(packages, (reported, version) => {
    for (const alias of debianAliases(reported, architecture)) {
      if (!index.has(alias)) index.set(alias, version);
    }
  });
  return index;
}

/**
 * `name` also answers for `name:arch` of the native architecture, and `name:arch` answers for `name`;
 * dpkg prints the architecture only where packages of several may be installed together.
 */
function debianAliases(reported: string, native: string | undefined): string[] {
  const name = canonicalName('apt', reported);
  const colon = name.indexOf(':');
  if (colon !== -1) return [name, name.slice(0, colon)];
  return [name, `${name}:all`, ...(native ? [`${name}:${native}`] : [])];
}
