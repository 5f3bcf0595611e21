import type {
  PackageDriver,
  PackageManager,
  PackageOperation,
  StepAction,
} from '@holdfast/contracts';

/**
 * What the conformance suite needs to exercise a driver: the real tool, packages it can install, and places that it
 * must not touch. Every fresh environment holds `one` and `two` at 1.0.0 and has no `three`; all three are on offer at
 * 1.0.0, 1.1.0 and 2.0.0, and no other version is.
 */
export interface DriverHarness {
  readonly driver: PackageDriver;
  readonly packages: { readonly one: string; readonly two: string; readonly three: string };
  createEnvironment(): Promise<string>;
  /** Existing folders that are no isolated environment. */
  readonly notIsolated: readonly string[];
  /** How the ecosystem asks for one package in some versions: `one>=1.1`, `one@^1`. */
  requirement(name: string, exactly: string): string;
  /** Makes whatever is installed next hang until the returned function is called. */
  stall(): Promise<() => Promise<void>>;
  /** Makes the next installation fail with `secret` in the tool's own words, until the function is called. */
  failWithSecret?(secret: string): Promise<() => Promise<void>>;
  /** Whether `apply` runs processes. */
  readonly spawns: boolean;
  close(): Promise<void>;
}

/** A step for a driver under test. */
export const packageStep = (
  driver: PackageManager,
  environment: string,
  operations: readonly PackageOperation[],
  options: readonly string[] = [],
): StepAction => ({
  driver,
  action: 'packages.apply',
  params: { environment, operations, options },
});

/** The step that leads back: every `from` and `to` changed places. */
export const inverseOf = (action: StepAction): StepAction => {
  const operations = action.params.operations as PackageOperation[];
  const back = operations.map(({ package: name, from, to }) => ({
    package: name,
    from: to,
    to: from,
  }));
  return { ...action, params: { ...action.params, operations: back } };
};
