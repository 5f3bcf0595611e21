import { PackageInputError, quoted } from './errors.ts';

/** What package-lock.json says of one direct dependency. */
export interface LockedPackage {
  version?: string;
  /** True for a link to a folder, e.g. a workspace. */
  link: boolean;
}

/**
 * Reads the direct dependencies of a package-lock.json, lockfileVersion 2 or 3: the entries
 * `node_modules/NAME` of `packages`.
 *
 * @throws PackageInputError `invalid_package_json` naming the key
 */
export function parsePackageLock(text: string): Map<string, LockedPackage> {
  const file = 'package-lock.json';
  const root = parseJsonObject(file, text);
  if (root['lockfileVersion'] !== 2 && root['lockfileVersion'] !== 3) {
    throw wrongShape(file, 'lockfileVersion', '2 or 3', root['lockfileVersion']);
  }
  const locked = new Map<string, LockedPackage>();
  for (const [path, entry] of Object.entries(objectAt(file, root, 'packages'))) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1];
    if (name === undefined) continue;
    if (!isObject(entry)) throw wrongShape(file, `packages.${path}`, 'an object', entry);
    const { version, link } = entry;
    if (version !== undefined && typeof version !== 'string') {
      throw wrongShape(file, `packages.${path}.version`, 'a string', version);
    }
    locked.set(name, { version, link: link === true });
  }
  return locked;
}

export function parseJsonObject(file: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new PackageInputError('invalid_package_json', `${file} is not JSON`, { file });
  }
  if (!isObject(value)) throw wrongShape(file, '', 'an object', value);
  return value;
}

/** The object under a key, or an empty one when the key is absent. */
export function objectAt(
  file: string,
  parent: Record<string, unknown>,
  key: string,
): Record<string, unknown> {
  const value = parent[key];
  if (value === undefined) return {};
  if (!isObject(value)) throw wrongShape(file, key, 'an object', value);
  return value;
}

export function wrongShape(
  file: string,
  key: string,
  expected: string,
  got: unknown,
): PackageInputError {
  const kind = Array.isArray(got) ? 'an array' : got === null ? 'null' : typeof got;
  const where = key === '' ? file : `${file}: ${quoted(key)}`;
  return new PackageInputError(
    'invalid_package_json',
    `${where} must be ${expected}, got ${kind === 'number' ? String(got) : kind}`,
    { file, key },
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
