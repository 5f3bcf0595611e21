import type { PackageManager, PackageOperation, StepEffect } from '@holdfast/contracts';
import { compareVersions, isValidVersion, parseSpec } from '@holdfast/versions';
import type { DeclaredEntry } from '../baseline/stored-baseline.ts';
import { comparableName } from '../drift/installed-versions.ts';

/** Worst first: of several movements in one step the worst is what the step does. */
const MOVEMENTS: readonly StepEffect['movement'][] = [
  'remove',
  'downgrade',
  'other',
  'upgrade',
  'install',
];

/** The number whose change announces a break: epoch and first number for pip, the first number elsewhere. */
const majorOf = (version: string): string =>
  /^[v=\s]*((?:\d+[!:])?\d+)/.exec(version)?.[1] ?? version;

const movementOf = (
  manager: PackageManager,
  { from, to }: PackageOperation,
): StepEffect['movement'] => {
  if (to === null) return 'remove';
  if (from === null) return 'install';
  if (!isValidVersion(manager, from) || !isValidVersion(manager, to)) return 'other';
  const order = compareVersions(manager, from, to);
  if (order === 0) return 'other';
  return order < 0 ? 'upgrade' : 'downgrade';
};

const meets = (entry: DeclaredEntry, version: string): boolean => {
  const spec = parseSpec(entry.manager, entry.expected);
  return spec.kind !== 'unmanaged' && spec.matches(version, 'installed');
};

/** A resolved operation with what the planner knows about it. */
export interface JudgedOperation extends PackageOperation {
  /** False for what the resolver pulled in for packages that were asked for. */
  readonly requested: boolean;
}

/**
 * Whether an operation leads to what was declared: a package of the baseline to a version that meets it, or, where
 * `repair` says that only the baseline was asked for, a package that the resolver needs for it. Taking something
 * away is never it.
 */
const leadsToBaseline = (
  operation: JudgedOperation,
  manager: PackageManager,
  entries: readonly DeclaredEntry[],
  repair: boolean,
): boolean => {
  const { to } = operation;
  if (to === null) return false;
  const named = entries.filter(
    (entry) => entry.package === comparableName(manager, operation.package),
  );
  if (named.length > 0) return named.every((entry) => meets(entry, to));
  return repair && !operation.requested;
};

/** What a step does, from its operations and the baseline entries of its manager and environment. */
export const effectOf = (
  operations: readonly JudgedOperation[],
  manager: PackageManager,
  entries: readonly DeclaredEntry[],
  repair: boolean,
): StepEffect => {
  const movements = new Set(operations.map((operation) => movementOf(manager, operation)));
  return {
    toward_baseline: operations.every((operation) =>
      leadsToBaseline(operation, manager, entries, repair),
    ),
    movement: MOVEMENTS.find((movement) => movements.has(movement)) ?? 'other',
    major: operations.some(
      ({ from, to }) => from !== null && to !== null && majorOf(from) !== majorOf(to),
    ),
    targets: operations.length,
  };
};
