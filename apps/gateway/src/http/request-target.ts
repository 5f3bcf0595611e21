/** Where a request goes, in origin form (RFC 9112 section 3.2.1). `search` is empty or begins with `?`. */
export interface RequestTarget {
  readonly path: string;
  readonly search: string;
}

/** Bytes that a kernel's URL parser would rewrite, cut off or refuse: blanks, `#`, `\`, and all beyond ASCII. */
const UNSAFE = /[^\x21\x22\x24-\x5b\x5d-\x7e]/;
const ABSOLUTE = /^https?:\/\/[^/?#]*/i;
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

/**
 * Takes a request target apart. Absolute form is accepted and its authority dropped (RFC 9112 section 3.2.2).
 * `undefined` for whatever the gateway and a kernel could read as two different paths: dot segments (also encoded ones,
 * which URL parsers resolve), back slashes, fragments and raw bytes outside ASCII.
 */
export const parseTarget = (raw: string): RequestTarget | undefined => {
  let target = raw;
  if (target.charCodeAt(0) !== 0x2f) {
    const authority = ABSOLUTE.exec(target);
    if (authority === null) return undefined;
    target = target.slice(authority[0].length);
    if (target.charCodeAt(0) !== 0x2f) target = `/${target}`;
  }
  if (UNSAFE.test(target)) return undefined;
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const dotted = path.includes('.') || path.includes('%2');
  if (dotted && DOT_SEGMENT.test(path)) return undefined;
  return { path, search: mark === -1 ? '' : target.slice(mark) };
};
