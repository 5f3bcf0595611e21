/** A run of lines that belong together: a heading, a paragraph, a fenced block. Line indexes start at 0. */
export interface TextBlock {
  readonly first: number;
  readonly last: number;
  readonly size: number;
  readonly heading?: { readonly level: number; readonly title: string };
}

/** ATX headings and fences of CommonMark 0.31, sections 4.2 and 4.5. */
const HEADING = /^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*\r?\n?$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;

const isBlank = (line: string): boolean => line.trim() === '';

/** Lines with their ends, so that joining them gives the text again. */
export const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Tells, line by line, whether it lies in a fenced block. A fence is closed by one at least as long. */
const fenceReader = (): ((line: string) => boolean) => {
  let open: string | undefined;
  return (line) => {
    const mark = FENCE.exec(line)?.[1];
    if (open === undefined) {
      open = mark;
      return mark !== undefined;
    }
    if (mark?.startsWith(open) && line.trim() === mark) open = undefined;
    return true;
  };
};

/**
 * Cuts lines into blocks, none larger than `limit` unless it is one line. Blank lines end the block before them and
 * belong to it; in markdown a heading is a block of its own and blank lines in a fence end nothing.
 */
export const textBlocks = (
  lines: readonly string[],
  limit: number,
  markdown: boolean,
): TextBlock[] => {
  const blocks: TextBlock[] = [];
  const inFence = fenceReader();
  let first = 0;
  let size = 0;
  let ending = false;
  let heading: TextBlock['heading'];
  const close = (next: number): void => {
    if (next > first) blocks.push({ first, last: next - 1, size, heading });
    first = next;
    size = 0;
    ending = false;
    heading = undefined;
  };
  for (const [at, line] of lines.entries()) {
    const fenced = markdown && inFence(line);
    const blank = !fenced && isBlank(line);
    const found = markdown && !fenced ? HEADING.exec(line) : null;
    if (found || (ending && !blank) || size + line.length > limit) close(at);
    if (found) heading = { level: found[1]!.length, title: found[2]! };
    size += line.length;
    ending ||= blank || found !== null;
  }
  close(lines.length);
  return blocks;
};
