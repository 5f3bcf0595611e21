import { createMemo } from './memo.ts';

/** A Debian version (Debian Policy 5.6.12): `[epoch:]upstream[-revision]`. */
export interface DebianVersion {
  epoch: number;
  upstream: string;
  revision: string;
}

const MAX_EPOCH = 2 ** 31 - 1;
const UPSTREAM = /^[0-9][A-Za-z0-9.+:~-]*$/;
const REVISION = /^[A-Za-z0-9.+~]+$/;

const parseMemo = createMemo<DebianVersion | false>(20_000, (text) => readVersion(text) ?? false);

/** Reads a version, or `undefined` when policy does not allow it. Results are shared. */
export function parseDebian(text: string): DebianVersion | undefined {
  return parseMemo(text) || undefined;
}

function readVersion(text: string): DebianVersion | undefined {
  const trimmed = text.trim();
  const colon = trimmed.indexOf(':');
  const epochText = colon === -1 ? '0' : trimmed.slice(0, colon);
  const rest = trimmed.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  const upstream = dash === -1 ? rest : rest.slice(0, dash);
  const revision = dash === -1 ? '' : rest.slice(dash + 1);
  if (!/^\d+$/.test(epochText) || Number(epochText) > MAX_EPOCH) return undefined;
  if (!UPSTREAM.test(upstream)) return undefined;
  if (dash !== -1 && !REVISION.test(revision)) return undefined;
  return { epoch: Number(epochText), upstream, revision };
}

/** The order of Debian Policy 5.6.12: negative, zero or positive. */
export function compareDebian(a: DebianVersion, b: DebianVersion): number {
  return (
    a.epoch - b.epoch ||
    compareFragment(a.upstream, b.upstream) ||
    compareFragment(a.revision, b.revision)
  );
}

/** Walks both texts in turns: a run of non-digits by character weight, a run of digits by value. */
function compareFragment(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while (isText(a, i) || isText(b, j)) {
      const order = weight(a, i) - weight(b, j);
      if (order !== 0) return order;
      i += 1;
      j += 1;
    }
    const left = digitsAt(a, i);
    const right = digitsAt(b, j);
    const order = compareDigits(left, right);
    if (order !== 0) return order;
    i += left.length;
    j += right.length;
  }
  return 0;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isText(text: string, at: number): boolean {
  return at < text.length && !isDigit(text.charCodeAt(at));
}

/** Tilde before the end of a run, the end before letters, letters before everything else. */
function weight(text: string, at: number): number {
  if (!isText(text, at)) return 0;
  const code = text.charCodeAt(at);
  if (code === 126) return -1;
  const letter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return letter ? code : code + 256;
}

function digitsAt(text: string, from: number): string {
  let end = from;
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1;
  return text.slice(from, end);
}

/** By value, without converting: the runs may be longer than a number can hold. */
function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
