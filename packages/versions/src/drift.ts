import { groupKey, isPlain, prepareBaseline } from './baseline.ts';
import type { BaselineEntry, PreparedBaseline, PreparedEntry, PreparedGroup } from './baseline.ts';
import { PackageInputError } from './errors.ts';
import { requirementsOfExtras } from './extra-requirements.ts';
import { createLookup, eachPackage } from './inventory.ts';
import type { Inventory } from './inventory.ts';
import type { PackageManager } from './manager.ts';
import { evaluateMarker } from './markers.ts';
import { parseSpec } from './spec.ts';

export type DriftStatus = 'in_sync' | 'drift' | 'unknown';

/** The `actual` of a package that should be there and is not. */
export const NOT_INSTALLED = 'not_installed';

/** One difference between baseline and reality. */
export interface DriftEntry {
  status: 'drift';
  manager: PackageManager;
  environment: string;
  /** Normalised. */
  package: string;
  /** As declared, or as the extra named in `via` asks for. */
  expected: string;
  /** The installed version or `not_installed`. */
  actual: string;
  via?: string;
}

/** One package whose state could not be judged. */
export interface UnknownEntry {
  status: 'unknown';
  manager: PackageManager;
  environment: string;
  package: string;
  expected: string;
  reason: string;
  via?: string;
}

export interface DriftReport {
  /** `drift` when there is any; `in_sync` only when every scan that matters was complete. */
  status: DriftStatus;
  entries: DriftEntry[];
  unknown: UnknownEntry[];
  /** Declared entries by outcome; the requirements of extras are not counted. */
  counts: { in_sync: number; drift: number; unknown: number; not_expected: number };
}

type Lookup = (name: string) => string | undefined;

/** One expectation: a declared entry, or a requirement of an extra. */
type Wanted = Pick<PreparedEntry, 'name' | 'expected' | 'spec' | 'optional'> & { via?: string };

/**
 * Compares a baseline with what one host reports, one inventory per manager and environment. Entries
 * without an inventory are unknown. Packages that the baseline does not name are no drift. Prepare
 * the baseline once when it is compared with many hosts.
 *
 * @throws PackageInputError when a baseline that was not prepared cannot be read
 */
export function computeDrift(
  baseline: PreparedBaseline | readonly BaselineEntry[],
  inventory: Inventory | readonly Inventory[],
): DriftReport {
  const { groups } = 'groups' in baseline ? baseline : prepareBaseline(baseline);
  const inventories = Array.isArray(inventory) ? inventory : [inventory];
  const report: DriftReport = {
    status: 'in_sync',
    entries: [],
    unknown: [],
    counts: { in_sync: 0, drift: 0, unknown: 0, not_expected: 0 },
  };
  const byGroup = new Map<string, Inventory>();
  for (const one of inventories) byGroup.set(groupKey(one.manager, one.environment), one);
  let complete = true;
  for (const group of groups) {
    const found = byGroup.get(groupKey(group.manager, group.environment));
    compareGroup(group, found, report);
    complete &&= found?.coverage.status === 'complete';
  }
  if (report.entries.some((entry) => entry.via)) report.entries = withoutRepeats(report.entries);
  if (report.entries.length > 0) report.status = 'drift';
  else if (!complete || report.unknown.length > 0) report.status = 'unknown';
  return report;
}

/** Adds the rows and counts of one group; without an inventory everything in it is unknown. */
function compareGroup(
  group: PreparedGroup,
  inventory: Inventory | undefined,
  report: DriftReport,
): void {
  const { counts } = report;
  const settled = new Uint8Array(group.entries.length);
  let lookup: Lookup | undefined;
  if (inventory && isReadable(inventory)) {
    lookup = createLookup(inventory, settleAccepted(group, inventory, settled));
  }
  const judge = createJudge(group, inventory, lookup, report);
  for (let i = 0; i < settled.length; i += 1) {
    if (settled[i] === 1) counts.in_sync += 1;
    else counts[judge(i)] += 1;
  }
}

/**
 * The hot path. Walks what is installed, in memory order, and marks the entries whose version is
 * known to be good by text alone. Returns the reported names that no entry bears.
 */
function settleAccepted(group: PreparedGroup, inventory: Inventory, settled: Uint8Array): string[] {
  const { index, accepted } = group;
  const others: string[] = [];
  let at = -1;
  eachPackage(inventory.packages, (name, version) => {
    const found = index.find(name, at);
    if (found === -1) {
      others.push(name);
      return;
    }
    at = found;
    if (accepted[at] === version) settled[at] = 1;
  });
  return others;
}

/** A failed or absent scan says nothing, not even of what it lists. */
function isReadable({ coverage }: Inventory): boolean {
  return coverage.status === 'complete' || coverage.status === 'partial';
}

function createJudge(
  group: PreparedGroup,
  inventory: Inventory | undefined,
  lookup: Lookup | undefined,
  report: DriftReport,
): (place: number) => DriftStatus | 'not_expected' {
  const { manager, environment } = group;

  function unknown(wanted: Wanted, reason: string): 'unknown' {
    const { name, expected, via } = wanted;
    const row = { manager, environment, package: name, expected, reason, ...(via && { via }) };
    report.unknown.push({ status: 'unknown', ...row });
    return 'unknown';
  }

  function drift(wanted: Wanted, actual: string): 'drift' {
    const { name, expected, via } = wanted;
    const row = { manager, environment, package: name, expected, actual, ...(via && { via }) };
    report.entries.push({ status: 'drift', ...row });
    return 'drift';
  }

  function judgeVersion(wanted: Wanted, installed: string | undefined): DriftStatus {
    if (installed === undefined) {
      if (inventory?.coverage.status !== 'complete') return unknown(wanted, coverageOf(inventory));
      return wanted.optional ? 'in_sync' : drift(wanted, NOT_INSTALLED);
    }
    const { spec } = wanted;
    if (spec.kind === 'unmanaged') {
      return unknown(wanted, `a ${spec.reason} cannot be compared by version`);
    }
    return spec.matches(installed, 'installed') ? 'in_sync' : drift(wanted, installed);
  }

  function judgeExtras(entry: PreparedEntry, from: Inventory): DriftStatus[] {
    const found = requirementsOfExtras(from, entry.name, entry.extras);
    const problems = found.problems.map(({ name, via, reason }) =>
      unknown({ ...entry, name, via }, reason),
    );
    const verdicts = found.requirements.map(({ name, specifier, via }) => {
      const spec = parseSpec(manager, specifier);
      const wanted = { name, expected: specifier, spec, optional: false, via };
      return judgeVersion(wanted, lookup?.(name));
    });
    return [...problems, ...verdicts];
  }

  return (place) => {
    const entry = group.entries[place] as PreparedEntry;
    try {
      const holds = !entry.marker || evaluateMarker(entry.marker, inventory?.markers ?? {});
      if (!holds) return 'not_expected';
    } catch (error) {
      if (!(error instanceof PackageInputError)) throw error;
      return unknown(entry, error.message);
    }
    if (!inventory || !lookup) return unknown(entry, coverageOf(inventory));
    const installed = lookup(entry.name);
    const verdict = judgeVersion(entry, installed);
    if (installed === undefined) return verdict;
    if (verdict === 'in_sync' && isPlain(entry)) group.accepted[place] = installed;
    if (entry.extras.length === 0) return verdict;
    return worst([verdict, ...judgeExtras(entry, inventory)]);
  };
}

function worst(verdicts: DriftStatus[]): DriftStatus {
  if (verdicts.includes('drift')) return 'drift';
  return verdicts.includes('unknown') ? 'unknown' : 'in_sync';
}

function coverageOf(inventory: Inventory | undefined): string {
  if (!inventory) return 'there is no inventory of this environment';
  const { status, reason } = inventory.coverage;
  return `the scan is ${status}${reason ? `: ${reason}` : ''}`;
}

/** What an extra asks for yields to a declared row of the same package and is said once. */
function withoutRepeats(entries: DriftEntry[]): DriftEntry[] {
  const key = (entry: DriftEntry) =>
    `${groupKey(entry.manager, entry.environment)} ${entry.package}`;
  const declared = new Set(entries.filter((entry) => !entry.via).map(key));
  const seen = new Set<string>();
  return entries.filter((entry) => {
    if (!entry.via) return true;
    if (declared.has(key(entry))) return false;
    const row = `${key(entry)} ${entry.expected}`;
    return !seen.has(row) && seen.add(row);
  });
}
