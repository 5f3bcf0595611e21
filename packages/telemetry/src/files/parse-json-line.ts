const NON_FINITE = /\b(?:NaN|Infinity)\b/;
/** Strings are matched first, so that a word inside one is left alone; one that is not closed ends with the line. */
const STRING_OR_NON_FINITE = /"(?:[^"\\]|\\.)*"?|-?\b(?:NaN|Infinity)\b/g;

/**
 * The value of a line of JSON. `NaN`, `Infinity` and `-Infinity`, which Python writes for figures that do not exist, are
 * read as null. Undefined when the line is no JSON.
 */
export const parseJsonLine = (line: string): unknown => {
  const value = parsed(line);
  if (value !== undefined || !NON_FINITE.test(line)) return value;
  return parsed(
    line.replace(STRING_OR_NON_FINITE, (token) => (token.startsWith('"') ? token : 'null')),
  );
};

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
