/** A stretch of SQL; `code` is false for string literals, quoted identifiers and comments. */
export interface SqlSegment {
  code: boolean;
  text: string;
}

const quoted = /'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g;

/** Splits SQL so that a rewrite never touches what is inside quotes or comments. */
export function splitSql(sql: string): SqlSegment[] {
  const segments: SqlSegment[] = [];
  let end = 0;
  for (const match of sql.matchAll(quoted)) {
    if (match.index > end) segments.push({ code: true, text: sql.slice(end, match.index) });
    segments.push({ code: false, text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < sql.length) segments.push({ code: true, text: sql.slice(end) });
  return segments;
}

/** Rewrites only the code; literals and comments stay as they are. */
export function mapCode(sql: string, rewrite: (code: string) => string): string {
  return splitSql(sql)
    .map((segment) => (segment.code ? rewrite(segment.text) : segment.text))
    .join('');
}
