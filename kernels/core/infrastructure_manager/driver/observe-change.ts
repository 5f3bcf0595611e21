import type { Observation, PackageOperation } from '@holdfast/contracts';
import { sameVersion } from '@holdfast/versions';
import { createInstalledVersions } from '../drift/installed-versions.ts';
import type { ScanOutcome } from '../scan/scan-host.ts';
import type { StepScope } from './plan-scope.ts';

const MAX_DIFFERENCES = 500;
const NOTHING = 'not installed';

/** Scopes of a plan whose packages the scan could not read in full, in words. */
const gapsOf = (scan: ScanOutcome, scopes: readonly StepScope[]): string[] => {
  const gaps = scopes.flatMap(({ manager, environment }) => {
    const found = scan.inventories.find(
      (one) => one.manager === manager && one.environment === environment,
    );
    if (found?.coverage.status === 'complete') return [];
    const { status = 'absent', reason } = found?.coverage ?? {};
    return [`${manager} in ${environment} is ${status}${reason ? ` (${reason})` : ''}`];
  });
  return [...new Set(gaps)];
};

/** Where each package should be: of several operations on one package the last one counts. */
const intended = (
  scopes: readonly StepScope[],
  undone: boolean,
): { scope: StepScope; name: string; version: string | null }[] => {
  const end = new Map<string, { scope: StepScope; name: string; version: string | null }>();
  const ordered = undone ? scopes.toReversed() : scopes;
  for (const scope of ordered) {
    for (const operation of scope.operations) {
      const { package: name } = operation as PackageOperation;
      const version = undone ? operation.from : operation.to;
      end.set(JSON.stringify([scope.manager, scope.environment, name]), { scope, name, version });
    }
  }
  return [...end.values()];
};

/** Compares what is there with where the operations of a plan, or their way back, should have led. */
export const observe = (
  scan: ScanOutcome,
  scopes: readonly StepScope[],
  undone: boolean,
): Omit<Observation, 'world_revision'> => {
  const observed_at = scan.scannedAt;
  const gaps = gapsOf(scan, scopes);
  if (gaps.length > 0) {
    const detail = `what is there is not known: ${gaps.join(', ')}`.slice(0, 4000);
    return { status: 'unknown', detail, differences: [], observed_at };
  }
  const installed = createInstalledVersions(scan.inventories);
  const targets = intended(scopes, undone);
  const differences = targets.flatMap(({ scope: { manager, environment }, name, version }) => {
    const actual = installed(manager, environment, name) ?? null;
    const same =
      actual === null || version === null
        ? actual === version
        : sameVersion(manager, actual, version);
    if (same) return [];
    const where = `${manager} ${name} in ${environment}`;
    return [`${where}: expected ${version ?? NOTHING}, got ${actual ?? NOTHING}`];
  });
  const shown = differences.slice(0, MAX_DIFFERENCES).map((text) => text.slice(0, 1000));
  return differences.length === 0
    ? {
        status: 'as_planned',
        detail: `${targets.length} packages are as ${undone ? 'before' : 'planned'}`,
        differences: [],
        observed_at,
      }
    : {
        status: 'different',
        detail: `${differences.length} of ${targets.length} packages differ`,
        differences: shown,
        observed_at,
      };
};
