import { PackageInputError, quoted } from './errors.ts';
import { createMemo } from './memo.ts';
import {
  compareBase,
  comparePep440,
  comparePublic,
  compareRelease,
  isPep440Prerelease,
  parsePep440,
} from './pep440.ts';
import type { Pep440Version } from './pep440.ts';

export type Pep440Operator = '===' | '==' | '!=' | '~=' | '<=' | '>=' | '<' | '>';

/** One clause of a specifier, e.g. `!=1.*`. */
export interface Pep440Clause {
  operator: Pep440Operator;
  /** The text after the operator, trimmed, without a trailing `.*`. */
  text: string;
  /** Absent for `===`, which compares text. */
  version?: Pep440Version;
  /** True for `==1.*` and `!=1.*`. */
  prefix: boolean;
}

const CLAUSE = /^\s*(===|==|!=|~=|<=|>=|<|>)\s*([^\s,;()]+)\s*$/;

const parseMemo = createMemo(20_000, readSpecifier);

/**
 * Reads a comma-separated specifier (PEP 440, "Version specifiers"). The empty specifier has no
 * clauses and matches everything.
 *
 * @throws PackageInputError `invalid_specifier`
 */
export function parsePep440Specifier(text: string): readonly Pep440Clause[] {
  return parseMemo(text);
}

function readSpecifier(text: string): readonly Pep440Clause[] {
  return text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const clause = readClause(part);
      if (clause) return clause;
      throw new PackageInputError(
        'invalid_specifier',
        `pip specifier ${quoted(text)} cannot be read at ${quoted(part.trim())}`,
      );
    });
}

function readClause(part: string): Pep440Clause | undefined {
  const match = CLAUSE.exec(part);
  if (!match) return undefined;
  const operator = match[1] as Pep440Operator;
  const written = match[2] as string;
  if (operator === '===') return { operator, text: written, prefix: false };

  const prefix = written.endsWith('.*');
  const text = prefix ? written.slice(0, -2) : written;
  const version = parsePep440(text);
  if (!version) return undefined;
  const equality = operator === '==' || operator === '!=';
  if (prefix && (!equality || !isPlainRelease(version))) return undefined;
  if (version.local && !equality) return undefined;
  if (operator === '~=' && version.release.length < 2) return undefined;
  return { operator, text, version, prefix };
}

function isPlainRelease(version: Pep440Version): boolean {
  return !isPep440Prerelease(version) && version.post === -1 && !version.local;
}

/** True when a clause names a pre-release itself, which lets pre-releases in (PEP 440). */
export function asksForPrerelease(clause: Pep440Clause): boolean {
  if (clause.operator === '!=') return false;
  const version = clause.version ?? parsePep440(clause.text);
  return version !== undefined && isPep440Prerelease(version);
}

/**
 * Whether one installed version meets one clause. Text that is no PEP 440 version meets only a
 * `===` that spells it the same way. Pre-releases are compared like any other version here.
 */
export function meetsClause(installed: string, clause: Pep440Clause): boolean {
  if (clause.operator === '===') {
    return installed.trim().toLowerCase() === clause.text.toLowerCase();
  }
  const version = parsePep440(installed);
  const wanted = clause.version;
  if (!version || !wanted) return false;
  switch (clause.operator) {
    case '==':
      return isEqual(version, wanted, clause.prefix);
    case '!=':
      return !isEqual(version, wanted, clause.prefix);
    case '>=':
      return comparePublic(version, wanted) >= 0;
    case '<=':
      return comparePublic(version, wanted) <= 0;
    case '~=':
      return (
        comparePublic(version, wanted) >= 0 && hasPrefix(version, wanted, wanted.release.length - 1)
      );
    case '<':
      return isBelow(version, wanted);
    case '>':
      return isAbove(version, wanted);
  }
}

/** A clause without a local version ignores the local version of what is installed. */
function isEqual(version: Pep440Version, wanted: Pep440Version, prefix: boolean): boolean {
  if (prefix) return hasPrefix(version, wanted, wanted.release.length);
  return (wanted.local ? comparePep440 : comparePublic)(version, wanted) === 0;
}

function hasPrefix(version: Pep440Version, wanted: Pep440Version, length: number): boolean {
  return (
    version.epoch === wanted.epoch && compareRelease(version.release, wanted.release, length) === 0
  );
}

/** `<3.1` leaves out pre-releases of 3.1 itself, and `<3.1.post1` those of that post-release. */
function isBelow(version: Pep440Version, wanted: Pep440Version): boolean {
  if (comparePublic(version, wanted) >= 0) return false;
  const prereleaseOfIt =
    isPep440Prerelease(version) &&
    !isPep440Prerelease(wanted) &&
    (wanted.post === -1 || version.post === wanted.post) &&
    compareBase(version, wanted) === 0;
  return !prereleaseOfIt;
}

/** `>3.1` leaves out post-releases and local versions of 3.1, though not of its pre-releases. */
function isAbove(version: Pep440Version, wanted: Pep440Version): boolean {
  if (comparePublic(version, wanted) <= 0) return false;
  const postOfIt =
    version.post !== -1 &&
    wanted.post === -1 &&
    version.phase === wanted.phase &&
    version.phaseNumber === wanted.phaseNumber &&
    compareBase(version, wanted) === 0;
  return !postOfIt;
}
