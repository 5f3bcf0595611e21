import { PackageInputError } from './errors.ts';
import { normalizeName } from './manager.ts';
import { objectAt, parseJsonObject, parsePackageLock, wrongShape } from './package-lock.ts';
import { redactUrl } from './redact-url.ts';
import { satisfies } from './satisfies.ts';
import { parseSpec } from './spec.ts';

/** A dependency whose versions can be compared. */
export interface PackageJsonEntry {
  name: string;
  /** As written, e.g. `^1.3.0`. */
  spec: string;
  /** The exact version in the lock, where there is one that meets the spec. */
  locked?: string;
  /** From `optionalDependencies`: absence is no drift. */
  optional: boolean;
}

/** A dependency on a path, a URL, a repository, an alias or a tag. `spec` is redacted. */
export interface UnmanagedPackage {
  name: string;
  spec: string;
  reason: string;
  optional: boolean;
}

export interface ParsedPackageJson {
  entries: PackageJsonEntry[];
  unmanaged: UnmanagedPackage[];
  /** What was left out, and where the lock disagrees, in words. */
  notes: string[];
}

const FILE = 'package.json';
const LEFT_OUT = ['devDependencies', 'peerDependencies'] as const;

/**
 * Reads what a Node project wants installed: `dependencies` and `optionalDependencies`, the latter
 * winning as npm has it. `devDependencies` and `peerDependencies` are left out, and `notes` says so.
 *
 * @throws PackageInputError `invalid_package_json`, naming the file and the key
 */
export function parsePackageJson(input: {
  packageJson: string;
  packageLock?: string;
}): ParsedPackageJson {
  const root = parseJsonObject(FILE, input.packageJson);
  const lock = input.packageLock === undefined ? new Map() : parsePackageLock(input.packageLock);
  const wanted = new Map<string, { spec: string; optional: boolean }>();
  for (const key of ['dependencies', 'optionalDependencies']) {
    for (const [name, spec] of readSpecs(root, key)) {
      wanted.set(name, { spec, optional: key === 'optionalDependencies' });
    }
  }

  const result: ParsedPackageJson = { entries: [], unmanaged: [], notes: [] };
  for (const [name, { spec, optional }] of wanted) {
    const parsed = parseSpec('npm', spec);
    const locked = lock.get(name);
    if (parsed.kind === 'unmanaged' || locked?.link) {
      const reason = parsed.kind === 'unmanaged' ? parsed.reason : 'workspace';
      result.unmanaged.push({ name, spec: redactUrl(spec), reason, optional });
    } else if (locked?.version !== undefined && !satisfies('npm', locked.version, spec)) {
      result.notes.push(`${name}: the lock has ${locked.version}, which does not meet ${spec}`);
      result.entries.push({ name, spec, optional });
    } else {
      result.entries.push({ name, spec, locked: locked?.version, optional });
    }
  }
  for (const key of LEFT_OUT) {
    const count = Object.keys(objectAt(FILE, root, key)).length;
    if (count > 0) result.notes.push(`${key} are not part of a baseline: ${count} left out`);
  }
  return result;
}

function readSpecs(root: Record<string, unknown>, key: string): [string, string][] {
  return Object.entries(objectAt(FILE, root, key)).map(([rawName, spec]) => {
    const path = `${key}.${rawName}`;
    if (typeof spec !== 'string') throw wrongShape(FILE, path, 'a string', spec);
    try {
      const name = normalizeName('npm', rawName);
      parseSpec('npm', spec);
      return [name, spec];
    } catch (error) {
      if (!(error instanceof PackageInputError)) throw error;
      const message = `${FILE}: ${key}: ${error.message}`;
      throw new PackageInputError(error.code, message, { file: FILE, key: path });
    }
  });
}
