import { HoldfastError, type DriftEntry } from '@holdfast/contracts';
import { computeDrift } from '@holdfast/versions';
import {
  declarerOf,
  type DeclaredEntry,
  type StoredBaseline,
} from '../baseline/stored-baseline.ts';
import type { AgentChannel } from '../channel/agent-channel.ts';
import type { InventoryScope } from '../inventory/inventory-store.ts';
import type { ScanOutcome } from '../scan/scan-host.ts';
import type { StepGroup } from './package-steps.ts';
import { resolvePackages } from './resolve-packages.ts';

const isOf = (scope: InventoryScope) => (row: InventoryScope) =>
  row.manager === scope.manager && row.environment === scope.environment;

/** A requirement as the manager writes it; npm takes a bare name for "any version". */
export const requirementOf = (entry: DeclaredEntry): string => {
  const { manager, package: name, expected } = entry;
  if (manager === 'npm') return expected === '' ? name : `${name}@${expected}`;
  const extras = entry.extras?.length ? `[${entry.extras.join(',')}]` : '';
  return `${name}${extras}${/^[0-9]/.test(expected) ? '==' : ''}${expected}`;
};

const scopesOfDrift = (entries: readonly DriftEntry[]): InventoryScope[] => [
  ...new Map(
    entries.map(({ manager, environment }) => [
      JSON.stringify([manager, environment]),
      { manager, environment },
    ]),
  ).values(),
];

/** Which declared packages apply to the environment as it is: markers that do not hold ask for nothing. */
const isApplicable = (scan: ScanOutcome, entry: DeclaredEntry): boolean => {
  const { counts } = computeDrift([entry], scan.inventories.filter(isOf(entry)));
  return counts.not_expected === 0 && counts.unknown === 0;
};

/** The drift of a scan; refuses with nothing_to_do, baseline_missing, or plan_failed where it is not known. */
const driftToRepair = (scan: ScanOutcome): StoredBaseline => {
  const { drift, baseline, host } = scan;
  if (!baseline) throw new HoldfastError('baseline_missing', { id: host });
  if (drift.entries.length > 0) return baseline;
  if (drift.status === 'in_sync') throw new HoldfastError('nothing_to_do', { host });
  const gaps = drift.coverage
    .filter(({ status }) => status !== 'complete')
    .map(({ manager, environment, status }) => `${manager} in ${environment} is ${status}`);
  const detail = `the drift of ${host} is not known: ${gaps.join(', ') || 'see its dependencies'}`;
  throw new HoldfastError('plan_failed', { detail });
};

/** What has to happen so that a host is as declared: per manager and environment with drift, by its own resolver. */
export const planRepair = async (
  scan: ScanOutcome,
  channel: AgentChannel,
): Promise<StepGroup[]> => {
  const baseline = driftToRepair(scan);
  const groups: StepGroup[] = [];
  for (const scope of scopesOfDrift(scan.drift.entries)) {
    const entries = baseline.entries.filter(isOf(scope));
    const drifted = new Set(scan.drift.entries.filter(isOf(scope)).map((row) => row.package));
    // Optional entries bound a package without asking for it: they count where it is there and out of bounds.
    const asked = entries.filter(
      (entry) => (!entry.optional || drifted.has(entry.package)) && isApplicable(scan, entry),
    );
    const options = scope.manager === 'pip' ? baseline.options : [];
    const requirements = asked.map(requirementOf);
    const operations = await resolvePackages(channel, scan.host, {
      ...scope,
      requirements,
      options,
    });
    const declarer = declarerOf(baseline);
    groups.push({ ...scope, operations, options, entries, declarer, repair: true });
  }
  if (groups.every(({ operations }) => operations.length === 0)) {
    const detail = 'the package managers see nothing to do about the drift';
    throw new HoldfastError('plan_failed', { detail });
  }
  return groups;
};
