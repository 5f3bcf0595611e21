/** Deepest nesting that is put on record. The ledger's canonical form allows more; nothing that people send needs it. */
const MAX_DEPTH = 64;

/**
 * Names the first place of a JSON value that the ledger could not take, undefined when there is none: text with half of a
 * surrogate pair (no UTF-8 for it, RFC 8785 section 3.2.2.2), a number that is not finite, or nesting beyond 64 levels.
 */
export const findUnrecordable = (value: unknown, path = '', depth = 0): string | undefined => {
  const here = path === '' ? 'the value' : path;
  if (typeof value === 'string')
    return value.isWellFormed() ? undefined : `${here}: text that is not well formed`;
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : `${here}: not a finite number`;
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= MAX_DEPTH) return `${here.slice(0, 200)}: nested deeper than ${MAX_DEPTH} levels`;
  for (const [key, inner] of Object.entries(value)) {
    if (!key.isWellFormed()) return `${here}: a key that is not well formed`;
    const found = findUnrecordable(inner, path === '' ? key : `${path}.${key}`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
};
