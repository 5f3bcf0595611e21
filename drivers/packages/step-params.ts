import { isAbsolute, resolve } from 'node:path';
import { HoldfastError, packageOperationSchema } from '@holdfast/contracts';
import type { PackageManager, PackageOperation, StepAction } from '@holdfast/contracts';
import { isValidVersion, normalizeName } from '@holdfast/versions';

export const PACKAGE_ACTION = 'packages.apply';

/** A `packages.apply` action whose every part was checked. Names are in the normal form of the ecosystem. */
export interface PackageStep {
  readonly environment: string;
  readonly operations: readonly PackageOperation[];
  readonly options: readonly string[];
}

const MAX_OPERATIONS = 2000;
/** Characters of versions in every ecosystem; no path, option, URL or white space can be made of them. */
const PLAIN_VERSION = /^[0-9A-Za-z][0-9A-Za-z.!+_~:-]*$/;

const invalid = (detail: string): HoldfastError => new HoldfastError('invalid_input', { detail });

/** @throws HoldfastError `package_name_invalid` */
export const checkedName = (manager: PackageManager, name: string): string => {
  try {
    return normalizeName(manager, name);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new HoldfastError(
      'package_name_invalid',
      { name: JSON.stringify(name), detail },
      { cause },
    );
  }
};

const checkVersion = (manager: PackageManager, name: string, version: string): void => {
  if (PLAIN_VERSION.test(version) && isValidVersion(manager, version)) return;
  const detail = `${JSON.stringify(version)} is not a version that ${manager} can order`;
  throw new HoldfastError('package_name_invalid', { name, detail });
};

/** @throws HoldfastError `invalid_input` for a path that is not absolute or holds control characters */
export const checkedPath = (path: unknown): string => {
  // eslint-disable-next-line no-control-regex
  if (typeof path !== 'string' || !isAbsolute(path) || /[\u0000-\u001f]/.test(path)) {
    throw invalid('environment: expected an absolute path');
  }
  return resolve(path);
};

/**
 * Reads the parameters of a step and refuses whatever could mean something else to the tool.
 *
 * @throws HoldfastError `invalid_input`, `package_name_invalid`
 */
export const readPackageStep = (manager: PackageManager, action: StepAction): PackageStep => {
  if (action.driver !== manager || action.action !== PACKAGE_ACTION) {
    throw invalid(
      `action ${action.driver}/${action.action}: expected ${manager}/${PACKAGE_ACTION}`,
    );
  }
  const environment = checkedPath(action.params.environment);
  const parsed = packageOperationSchema
    .array()
    .min(1)
    .max(MAX_OPERATIONS)
    .safeParse(action.params.operations);
  if (!parsed.success) throw invalid(`operations: ${parsed.error.issues[0]?.message}`);
  const operations = parsed.data.map((operation) => {
    const name = checkedName(manager, operation.package);
    if (operation.to !== null) checkVersion(manager, name, operation.to);
    return { ...operation, package: name };
  });
  if (new Set(operations.map((operation) => operation.package)).size < operations.length) {
    throw invalid('operations: a package is named twice');
  }
  const options = action.params.options ?? [];
  if (!Array.isArray(options) || options.some((option) => typeof option !== 'string')) {
    throw invalid('options: expected a list of texts');
  }
  return { environment, operations, options: options as string[] };
};
