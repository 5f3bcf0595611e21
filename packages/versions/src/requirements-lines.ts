/** One logical line: comments removed, continuations joined. `line` is where it starts, from 1. */
export interface LogicalLine {
  line: number;
  text: string;
}

const COMMENT = /(^|\s)#.*$/s;
const COMMENT_LINE = /^\s*#/;

/** A loop, because a pattern for the end of a text takes quadratic time on runs that do not reach it. */
function withoutBackslashes(raw: string): string {
  let end = raw.length;
  while (end > 0 && raw[end - 1] === '\\') end -= 1;
  return raw.slice(0, end).replace(/^\\+/, '');
}

/**
 * Splits a requirements file the way pip does: a trailing backslash joins lines (and the line loses
 * its leading backslashes too), a comment line ends a continuation, and `#` starts a comment only at
 * the start or after whitespace. Empty lines are left out.
 */
export function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let open: LogicalLine | undefined;
  const physical = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  for (const [index, raw] of physical.entries()) {
    const comment = COMMENT_LINE.test(raw);
    const current: LogicalLine = open ?? { line: index + 1, text: '' };
    if (raw.endsWith('\\') && !comment) {
      open = { line: current.line, text: current.text + withoutBackslashes(raw) };
      continue;
    }
    lines.push({ line: current.line, text: current.text + (comment ? ` ${raw}` : raw) });
    open = undefined;
  }
  if (open) lines.push(open);
  return lines
    .map(({ line, text: joined }) => ({ line, text: joined.replace(COMMENT, '').trim() }))
    .filter(({ text: left }) => left !== '');
}
