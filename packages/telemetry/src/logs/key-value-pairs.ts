const PAIR =
  /(?<![\w.@/-])([A-Za-z_@][\w.@/-]*)=("(?:[^"\\]|\\.)*"?|'[^']*'?|\[[^\]]*\]?|[^\s,;]*)/g;
const QUOTED = /^(["'])(.*?)\1?$/s;

/**
 * The `key=value` pairs of a log line, as in logfmt: values end at a blank, comma or semicolon unless they stand in quotes
 * or brackets, which may stay open at the end of the line. The first of two pairs with one key counts. Undefined without
 * any pair.
 */
export const keyValuePairs = (text: string): Record<string, unknown> | undefined => {
  const pairs = Array.from(text.matchAll(PAIR), ([, key = '', value = '']) => [
    key,
    unquoted(value),
  ]);
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs.reverse());
};

function unquoted(value: string): string {
  const quoted = QUOTED.exec(value)?.[2];
  return quoted === undefined ? value : quoted.replace(/\\(.)/gs, '$1');
}
