import semver from 'semver';

import { isValidVersion, parseNpmVersion, sameVersion } from './compare.ts';
import { PackageInputError, quoted } from './errors.ts';
import type { PackageManager } from './manager.ts';
import { createMemo } from './memo.ts';
import { classifyNpmSpec } from './npm-spec.ts';
import { isPep440Prerelease, parsePep440 } from './pep440.ts';
import { asksForPrerelease, meetsClause, parsePep440Specifier } from './pep440-specifier.ts';

/**
 * Why the question is asked. `installed`: does what is already there meet the spec? Both pip and
 * npm then let a pre-release stand where PEP 440 or `*` would not choose it. `candidate`: may this
 * version be picked from an index?
 */
export type Purpose = 'installed' | 'candidate';

/** A spec that versions can be held against. `version` is the pinned text of an `exact` spec. */
export interface VersionSpec {
  kind: 'any' | 'exact' | 'range';
  version?: string;
  /** False for text that is no version, except where the spec compares text. */
  matches(version: string, purpose: Purpose): boolean;
}

/** A spec that names a place or a tag, so no version on its own meets or fails it. */
export interface UnmanagedSpec {
  kind: 'unmanaged';
  reason: string;
}

export type ParsedSpec = VersionSpec | UnmanagedSpec;

const MAX_SPEC_LENGTH = 1000;

const parsers: Record<PackageManager, (spec: string) => ParsedSpec> = {
  pip: createMemo(20_000, parsePipSpec),
  npm: createMemo(20_000, parseNpmSpec),
  apt: createMemo(20_000, parseAptSpec),
};

/**
 * Reads a spec as its ecosystem writes it: pip `>=1,!=1.*` (a bare `1.2` is a pin), npm `^1.2`, apt
 * `=1.2-3` or `1.2-3`. The empty spec is met by every version. Results are remembered and shared.
 *
 * @throws PackageInputError `invalid_specifier`
 */
export function parseSpec(manager: PackageManager, spec: string): ParsedSpec {
  if (spec.length > MAX_SPEC_LENGTH) {
    throw new PackageInputError('invalid_specifier', `${manager} spec is longer than any real one`);
  }
  return parsers[manager](spec);
}

function parsePipSpec(spec: string): ParsedSpec {
  const text = spec.trim();
  const clauses = parsePep440Specifier(parsePep440(text) ? `==${text}` : text);
  const [only] = clauses;
  if (!only) {
    return {
      kind: 'any',
      matches: (version, purpose) => purpose === 'installed' || !isPipPrerelease(version),
    };
  }
  const prereleases = clauses.some(asksForPrerelease);
  const matches = (version: string, purpose: Purpose) =>
    (purpose === 'installed' || prereleases || !isPipPrerelease(version)) &&
    clauses.every((clause) => meetsClause(version, clause));
  const pin = clauses.length === 1 && !only.prefix && /^={2,3}$/.test(only.operator);
  return pin ? { kind: 'exact', version: only.text, matches } : { kind: 'range', matches };
}

function isPipPrerelease(version: string): boolean {
  const parsed = parsePep440(version);
  return parsed !== undefined && isPep440Prerelease(parsed);
}

/** Read strictly: loose reading would drop words it does not understand. */
function parseNpmSpec(spec: string): ParsedSpec {
  const kind = classifyNpmSpec(spec, (text) => semver.validRange(text) !== null);
  if (kind === undefined) {
    throw new PackageInputError(
      'invalid_specifier',
      `npm spec ${quoted(spec)} is neither a range nor a place npm can install from`,
    );
  }
  if (kind !== 'any' && kind !== 'semver') return { kind: 'unmanaged', reason: kind };

  const range = new semver.Range(kind === 'any' ? '*' : spec.trim());
  const matches = (version: string, purpose: Purpose) => {
    if (kind === 'any' && purpose === 'installed') return true;
    const parsed = parseNpmVersion(version);
    return parsed !== undefined && range.test(parsed);
  };
  if (kind === 'any') return { kind, matches };
  const pinned = semver.valid(spec.trim());
  return pinned ? { kind: 'exact', version: pinned, matches } : { kind: 'range', matches };
}

function parseAptSpec(spec: string): ParsedSpec {
  const version = spec.trim().replace(/^=\s*/, '');
  if (version === '' && spec.trim() === '') return { kind: 'any', matches: () => true };
  if (!isValidVersion('apt', version)) {
    throw new PackageInputError(
      'invalid_specifier',
      `apt spec ${quoted(spec)} is not "=VERSION", a version, or empty`,
    );
  }
  return { kind: 'exact', version, matches: (installed) => sameVersion('apt', installed, version) };
}
