import type { PackageManager, PackageOperation, StepResult } from '@holdfast/contracts';
import { sameVersion } from '@holdfast/versions';
import { failed } from './step-results.ts';

const isAt = (manager: PackageManager, present: string | null, wanted: string | null): boolean =>
  present === null || wanted === null ? present === wanted : sameVersion(manager, present, wanted);

/**
 * The `plan_stale` failure of a step that names a package at neither `from` nor `to`: somebody else moved it since the
 * dry run, so what the step would do was never looked at. `unfinished` names packages that are only half there; they
 * have no version to be held against. Undefined when the step may go on.
 */
export const staleFailure = (
  manager: PackageManager,
  packages: Readonly<Record<string, string>>,
  operations: readonly PackageOperation[],
  unfinished: readonly string[],
): StepResult | undefined => {
  const moved = operations.flatMap(({ package: name, from, to }) => {
    if (unfinished.includes(name)) return [];
    const present = Object.hasOwn(packages, name) ? (packages[name] ?? null) : null;
    if (isAt(manager, present, from) || isAt(manager, present, to)) return [];
    return [`${name} is at ${present ?? 'none'}, planned was ${from ?? 'none'} -> ${to ?? 'none'}`];
  });
  return moved.length === 0 ? undefined : failed(moved.join('; '), 'plan_stale');
};
