import { normalizeName } from './manager.ts';
import type { PackageManager } from './manager.ts';
import { parseMarker } from './marker-parser.ts';
import { createNameIndex } from './name-index.ts';
import type { NameIndex } from './name-index.ts';
import { parseRequirement } from './requirement.ts';
import { parseSpec } from './spec.ts';
import type { ParsedSpec } from './spec.ts';

/** One package that a host should have, as the user declared it. */
export interface BaselineEntry {
  manager: PackageManager;
  /** In any spelling; for pip it may carry extras, `uvicorn[standard]`. */
  package: string;
  /** A spec of the manager's ecosystem, e.g. `==2.31.0`, `^1.3.0`, `1.2-3`, or empty for any. */
  expected: string;
  extras?: readonly string[];
  /** PEP 508; where it does not hold the package is not expected. */
  marker?: string;
  /** What the entry is bound to, e.g. the path of a virtual environment. */
  environment: string;
  /** True when absence is no drift, as for pip constraints and npm optional dependencies. */
  optional?: boolean;
}

export interface PreparedEntry {
  name: string;
  expected: string;
  spec: ParsedSpec;
  extras: readonly string[];
  marker?: string;
  optional: boolean;
}

export interface PreparedGroup {
  manager: PackageManager;
  environment: string;
  entries: PreparedEntry[];
  index: NameIndex;
  /**
   * By entry, a version known to meet it, at first the pinned text: seen again it needs no parsing.
   * Never set where a marker or an extra has a say.
   */
  accepted: (string | undefined)[];
}

/** A baseline with names normalised and specs parsed; prepare once, compare with many hosts. */
export interface PreparedBaseline {
  groups: readonly PreparedGroup[];
}

/**
 * Checks a baseline and parses all of it.
 *
 * @throws PackageInputError when a name, spec, extra or marker cannot be read
 */
export function prepareBaseline(baseline: readonly BaselineEntry[]): PreparedBaseline {
  const groups = new Map<string, BaselineEntry[]>();
  for (const entry of baseline) {
    const key = groupKey(entry.manager, entry.environment);
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  return { groups: [...groups.values()].map(prepareGroup) };
}

function prepareGroup(group: BaselineEntry[]): PreparedGroup {
  const { manager, environment } = group[0] as BaselineEntry;
  const entries = group.map(prepareEntry);
  return {
    manager,
    environment,
    entries,
    index: createNameIndex(entries.map(({ name }) => name)),
    accepted: entries.map((entry) =>
      isPlain(entry) && entry.spec.kind === 'exact' ? entry.spec.version : undefined,
    ),
  };
}

/** True when name and version alone decide. */
export function isPlain({ marker, extras }: PreparedEntry): boolean {
  return marker === undefined && extras.length === 0;
}

/** One key per package manager and environment. */
export function groupKey(manager: PackageManager, environment: string): string {
  return `${manager} ${environment}`;
}

function prepareEntry(entry: BaselineEntry): PreparedEntry {
  const { manager, expected, marker, optional = false } = entry;
  const bracket = manager === 'pip' ? entry.package.indexOf('[') : -1;
  const named = bracket === -1 ? undefined : parseRequirement(entry.package);
  const extras = (entry.extras ?? []).map((extra) => normalizeName('pip', extra));
  if (marker) parseMarker(marker);
  return {
    name: named?.name ?? normalizeName(manager, entry.package),
    expected,
    spec: parseSpec(manager, expected),
    extras: [...new Set([...(named?.extras ?? []), ...extras])],
    marker: marker || undefined,
    optional,
  };
}
