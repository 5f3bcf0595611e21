import type { PackageManager, PackageOperation } from '@holdfast/contracts';
import { sameVersion } from '@holdfast/versions';

/** Whether reality already is where the operation leads. */
const isAtTarget = (
  manager: PackageManager,
  packages: Readonly<Record<string, string>>,
  operation: PackageOperation,
): boolean => {
  const present = Object.hasOwn(packages, operation.package)
    ? packages[operation.package]
    : undefined;
  if (operation.to === null || present === undefined) {
    return operation.to === null && present === undefined;
  }
  return sameVersion(manager, present, operation.to);
};

/** The operations that still have something to do. */
export const outstanding = (
  manager: PackageManager,
  packages: Readonly<Record<string, string>>,
  operations: readonly PackageOperation[],
): PackageOperation[] =>
  operations.filter((operation) => !isAtTarget(manager, packages, operation));

/** `a 1.0.0 -> 1.1.0, b 2.0.0 -> none`, for a person. */
export const describeOperations = (operations: readonly PackageOperation[]): string =>
  operations
    .map(({ package: name, from, to }) => `${name} ${from ?? 'none'} -> ${to ?? 'none'}`)
    .join(', ');
