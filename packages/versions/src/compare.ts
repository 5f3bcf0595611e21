import semver from 'semver';
import type { SemVer } from 'semver';

import { compareDebian, parseDebian } from './debian.ts';
import { PackageInputError, quoted } from './errors.ts';
import type { PackageManager } from './manager.ts';
import { createMemo } from './memo.ts';
import { comparePep440, parsePep440 } from './pep440.ts';

/** npm itself reads versions loosely (`v1.2.3`, `1.2.3beta`), so installed ones are read that way. */
const semverMemo = createMemo<SemVer | false>(
  20_000,
  (text) => semver.parse(text, { loose: true }) ?? false,
);

/** Reads an npm version, or `undefined` when it is not one. Results are shared. */
export function parseNpmVersion(text: string): SemVer | undefined {
  return semverMemo(text) || undefined;
}

/** Whether the ecosystem could order this version: PEP 440, semver as npm reads it, Debian policy. */
export function isValidVersion(manager: PackageManager, version: string): boolean {
  switch (manager) {
    case 'pip':
      return parsePep440(version) !== undefined;
    case 'npm':
      return parseNpmVersion(version) !== undefined;
    case 'apt':
      return parseDebian(version) !== undefined;
  }
}

/**
 * Orders two versions by the rules of their ecosystem: -1, 0 or 1. npm build metadata does not
 * count; pip local versions do.
 *
 * @throws PackageInputError `invalid_version` when either is not a version of the ecosystem
 */
export function compareVersions(manager: PackageManager, a: string, b: string): -1 | 0 | 1 {
  switch (manager) {
    case 'pip':
      return sign(compareWith(manager, parsePep440, comparePep440, a, b));
    case 'npm':
      return sign(compareWith(manager, parseNpmVersion, (x, y) => x.compare(y), a, b));
    case 'apt':
      return sign(compareWith(manager, parseDebian, compareDebian, a, b));
  }
}

/**
 * Whether two spellings mean one version: pip `1.0` and `1.0.0`, npm `1.0.0+a` and `1.0.0+b`, apt
 * `0:1.0` and `1.0`. Text that is no version is the same only as itself.
 */
export function sameVersion(manager: PackageManager, a: string, b: string): boolean {
  if (a === b) return true;
  if (!isValidVersion(manager, a) || !isValidVersion(manager, b)) return false;
  return compareVersions(manager, a, b) === 0;
}

function compareWith<T>(
  manager: PackageManager,
  parse: (text: string) => T | undefined,
  compare: (a: T, b: T) => number,
  a: string,
  b: string,
): number {
  const [left, right] = [a, b].map((text) => {
    const version = parse(text);
    if (version !== undefined) return version;
    throw new PackageInputError(
      'invalid_version',
      `${quoted(text)} is not a version that ${manager} can order`,
    );
  });
  return compare(left as T, right as T);
}

function sign(order: number): -1 | 0 | 1 {
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}
