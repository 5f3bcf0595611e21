import { linesOf, textBlocks, type TextBlock } from './text-blocks.ts';

/** A stretch of a text. Lines count from 1, both included. The texts of all passages, joined, are the whole text. */
export interface Passage {
  readonly from: number;
  readonly to: number;
  /** Headings that hold for the passage, outermost first. */
  readonly heading: string;
  readonly text: string;
}

/** What a passage holds at most, in UTF-16 units; a longer line is cut into several passages of the same line. */
export const PASSAGE_SIZE = 1000;

interface Heading {
  readonly level: number;
  readonly title: string;
}

const isHigh = (text: string, at: number): boolean => /[\uD800-\uDBFF]/.test(text.charAt(at));

function* pieces(line: string): Generator<string> {
  for (let start = 0; start < line.length;) {
    let end = Math.min(line.length, start + PASSAGE_SIZE);
    if (end < line.length && isHigh(line, end - 1)) end -= 1;
    yield line.slice(start, end);
    start = end;
  }
}

/** The headings above and including a new one: those of a lesser level stay. */
const below = (path: readonly Heading[], heading: Heading): Heading[] => [
  ...path.filter(({ level }) => level < heading.level),
  heading,
];

/**
 * Cuts a text at its headings and paragraphs into passages of about a thousand characters. Headings with nothing between
 * them stay together with what follows.
 */
export const passagesOf = (text: string, markdown: boolean): Passage[] => {
  const lines = linesOf(text);
  const passages: Passage[] = [];
  let path: readonly Heading[] = [];
  let gathered: TextBlock[] = [];
  let size = 0;
  let onlyHeadings = true;

  const close = (): void => {
    if (gathered.length === 0) return;
    const first = gathered[0]!.first;
    const last = gathered.at(-1)!.last;
    const heading = path.map(({ title }) => title).join(' > ');
    const body = lines.slice(first, last + 1).join('');
    for (const piece of pieces(body)) {
      passages.push({ from: first + 1, to: last + 1, heading, text: piece });
    }
    gathered = [];
    size = 0;
    onlyHeadings = true;
  };

  for (const block of textBlocks(lines, PASSAGE_SIZE, markdown)) {
    const starts = block.heading !== undefined && !onlyHeadings;
    if (starts || size + block.size > PASSAGE_SIZE) close();
    if (block.heading) path = below(path, block.heading);
    else onlyHeadings = false;
    gathered.push(block);
    size += block.size;
  }
  close();
  return passages;
};
