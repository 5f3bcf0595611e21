import { governanceApi } from '@holdfast/contracts';

/** A scope that names an operation which exists: reading the rules and signing for the end of a case weaken nothing. */
export const isPlainScope = (scope: string): boolean =>
  scope.startsWith('op:') && Object.hasOwn(governanceApi.ops, scope.slice(3));
