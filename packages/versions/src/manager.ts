import { InvalidPackageName } from './errors.ts';

export const PACKAGE_MANAGERS = ['pip', 'npm', 'apt'] as const;

export type PackageManager = (typeof PACKAGE_MANAGERS)[number];

const MAX_NAME_LENGTH = 214;
const PIP_NAME = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i;
const NPM_NAME = /^(?:@[a-z0-9_-][a-z0-9._~-]*\/[a-z0-9_-]|[a-z0-9])[a-z0-9._~-]*$/i;
const NPM_RESERVED = new Set(['node_modules', 'favicon.ico']);
const DEB_NAME = /^[a-z0-9][a-z0-9+.-]+(?::[a-z0-9][a-z0-9-]*)?$/;

export function isPackageManager(value: unknown): value is PackageManager {
  return PACKAGE_MANAGERS.some((manager) => manager === value);
}

/**
 * The name under which the ecosystem itself files a package, so that two spellings of one package
 * compare equal: pip by PEP 503 (`Foo._Bar` is `foo-bar`), npm as written (names are
 * case-sensitive, scope included), apt in lower case with an optional `:architecture`.
 * Surrounding whitespace is dropped. What it returns is safe as a positional argument and as one
 * path segment, or two for an npm scope.
 *
 * @throws InvalidPackageName for anything else: paths, leading dashes, shell characters, extras
 */
export function normalizeName(manager: PackageManager, name: string): string {
  if (typeof name !== 'string') throw new InvalidPackageName(manager, name, 'it is not text');
  const trimmed = name.trim();
  const why = refusal(manager, trimmed);
  if (why) throw new InvalidPackageName(manager, name, why);
  return canonicalName(manager, trimmed);
}

/** `normalizeName` without the checks, for names that a package manager reported itself. */
export function canonicalName(manager: PackageManager, name: string): string {
  if (manager === 'npm') return name;
  if (manager === 'apt') return name.toLowerCase();
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

function refusal(manager: PackageManager, name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > MAX_NAME_LENGTH) return `it is longer than ${MAX_NAME_LENGTH} characters`;
  if (name.startsWith('-')) return 'a leading dash would be read as an option';
  if (name.includes('..')) return 'two dots in a row could leave a directory';
  switch (manager) {
    case 'pip':
      return PIP_NAME.test(name)
        ? undefined
        : 'expected letters, digits, ".", "_" and "-", with a letter or digit at both ends';
    case 'npm':
      if (NPM_RESERVED.has(name.toLowerCase())) return 'it is reserved';
      return NPM_NAME.test(name)
        ? undefined
        : 'expected letters, digits, ".", "_", "~" and "-" after an optional @scope/';
    case 'apt':
      return DEB_NAME.test(name.toLowerCase())
        ? undefined
        : 'expected letters, digits, "+", "-" and "." and an optional :architecture';
  }
}
