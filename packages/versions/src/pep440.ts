import { createMemo } from './memo.ts';

/** A `bigint` only where a number would lose digits, so equal parts are always `===`. */
export type VersionPart = number | bigint;

/**
 * One Python version, read by PEP 440 appendix B. Absent segments take the value that sorts them
 * where PEP 440 says, so `comparePep440` compares field by field.
 */
export interface Pep440Version {
  epoch: VersionPart;
  release: readonly VersionPart[];
  /** -1 a development release of nothing else, 0 alpha, 1 beta, 2 candidate, 3 not a pre-release. */
  phase: -1 | 0 | 1 | 2 | 3;
  phaseNumber: VersionPart;
  /** -1 when there is none. */
  post: VersionPart;
  /** Infinity when there is none. */
  dev: VersionPart;
  local: readonly (VersionPart | string)[] | undefined;
}

const MAX_VERSION_LENGTH = 256;
const VERSION = new RegExp(
  [
    '^\\s*v?(?:(\\d+)!)?(\\d+(?:\\.\\d+)*)',
    '(?:[-_.]?(alpha|beta|preview|pre|a|b|c|rc)[-_.]?(\\d*))?',
    '(?:-(\\d+)|[-_.]?(post|rev|r)[-_.]?(\\d*))?',
    '(?:[-_.]?(dev)[-_.]?(\\d*))?',
    '(?:\\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\\s*$',
  ].join(''),
  'i',
);
const PHASES: Record<string, 0 | 1 | 2> = { a: 0, alpha: 0, b: 1, beta: 1 };

const parseMemo = createMemo<Pep440Version | false>(20_000, (text) => readVersion(text) ?? false);

/** Reads a version, or `undefined` when it is not one. Results are shared: do not change them. */
export function parsePep440(text: string): Pep440Version | undefined {
  return parseMemo(text) || undefined;
}

function readVersion(text: string): Pep440Version | undefined {
  if (text.length > MAX_VERSION_LENGTH) return undefined;
  const match = VERSION.exec(text);
  if (!match) return undefined;
  const [, epoch, release = '', pre, preNumber, postDash, post, postNumber, dev, devNumber, local] =
    match;
  const hasPost = post !== undefined || postDash !== undefined;
  return {
    epoch: toPart(epoch),
    release: release.split('.').map(toPart),
    phase: pre ? (PHASES[pre.toLowerCase()] ?? 2) : dev && !hasPost ? -1 : 3,
    phaseNumber: pre ? toPart(preNumber) : 0,
    post: hasPost ? toPart(postDash ?? postNumber) : -1,
    dev: dev ? toPart(devNumber) : Infinity,
    local: local?.toLowerCase().split(/[-_.]/).map(toLocalPart),
  };
}

function toPart(digits: string | undefined): VersionPart {
  if (!digits) return 0;
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}

function toLocalPart(text: string): VersionPart | string {
  return /^\d+$/.test(text) ? toPart(text) : text;
}

/** True for alphas, betas, candidates and development releases. */
export function isPep440Prerelease(version: Pep440Version): boolean {
  return (version.phase >= 0 && version.phase < 3) || version.dev !== Infinity;
}

/** The order of PEP 440, local versions included: negative, zero or positive. */
export function comparePep440(a: Pep440Version, b: Pep440Version): number {
  return comparePublic(a, b) || compareLocal(a.local, b.local);
}

/** The order of PEP 440 with local versions left out. */
export function comparePublic(a: Pep440Version, b: Pep440Version): number {
  return (
    compareBase(a, b) ||
    comparePart(a.phase, b.phase) ||
    comparePart(a.phaseNumber, b.phaseNumber) ||
    comparePart(a.post, b.post) ||
    comparePart(a.dev, b.dev)
  );
}

/** Epoch and release segment only; missing trailing parts count as zero. */
export function compareBase(a: Pep440Version, b: Pep440Version): number {
  return (
    comparePart(a.epoch, b.epoch) ||
    compareRelease(a.release, b.release, Math.max(a.release.length, b.release.length))
  );
}

/** Compares the first `length` parts of two release segments, padding with zeros. */
export function compareRelease(
  a: readonly VersionPart[],
  b: readonly VersionPart[],
  length: number,
): number {
  for (let i = 0; i < length; i += 1) {
    const order = comparePart(a[i] ?? 0, b[i] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: VersionPart, b: VersionPart): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** No local version sorts first, text before numbers, and a prefix before what continues it. */
function compareLocal(a: Pep440Version['local'], b: Pep440Version['local']): number {
  if (a === undefined || b === undefined) return (a ? 1 : 0) - (b ? 1 : 0);
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const left = a[i] as VersionPart | string;
    const right = b[i] as VersionPart | string;
    if (left === right) continue;
    const leftIsText = typeof left === 'string';
    if (leftIsText !== (typeof right === 'string')) return leftIsText ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}
