/** Where a request goes, in origin form (RFC 9112 section 3.2.1). `search` is empty or begins with `?`. */
export interface RequestTarget {
  readonly path: string;
  readonly search: string;
}

/** Bytes that a kernel's URL parser would rewrite, cut off or refuse: blanks, `#`, `\`, and all beyond ASCII. */
const UNSAFE = /[^\x21\x22\x24-\x5b\x5d-\x7e]/;
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

/**
 * Takes a request target apart. `undefined` for whatever the gateway and a kernel could read as two different paths: all
 * that does not begin with a slash, dot segments (also encoded ones, which URL parsers resolve), back slashes, fragments
 * and raw bytes outside ASCII.
 */
export const parseTarget = (raw: string): RequestTarget | undefined => {
  if (raw.charCodeAt(0) !== 0x2f || UNSAFE.test(raw)) return undefined;
  const mark = raw.indexOf('?');
  const path = mark === -1 ? raw : raw.slice(0, mark);
  const dotted = path.includes('.') || path.includes('%2');
  if (dotted && DOT_SEGMENT.test(path)) return undefined;
  return { path, search: mark === -1 ? '' : raw.slice(mark) };
};
