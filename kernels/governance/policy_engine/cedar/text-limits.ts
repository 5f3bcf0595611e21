/** Brackets within each other. */
export const MAX_BRACKETS = 20;
/**
 * Brackets and operators on the way from a whole statement to its innermost part. The parser recurses at each: beyond
 * some 70 brackets or 100 operators it overruns its stack, and is of no use after that.
 */
export const MAX_HEIGHT = 48;

const LOGIC = new Set(['&&', '||', 'if', 'then', 'else', 'when', 'unless']);
const WORDY = new Set(['in', 'has', 'like', 'is']);
const OPENING = new Set(['(', '[', '{']);
const CLOSING = new Set([')', ']', '}']);
const PLAIN = /^["\s\w:@?]|^\/\//;

/** Blanks, comments, words, numbers, operators of two characters, then any character; texts are read by hand. */
const TOKEN = /\s+|\/\/[^\n\r]*|[A-Za-z_]\w*|\d+|&&|\|\||==|!=|<=|>=|[^]/gy;

/**
 * What lies within one pair of brackets, as heights: members are parted by commas, terms of a member by logic.
 * `inner`: of the brackets in this term. `tallest`: of the terms of this member. `done`: of the members before.
 */
interface Frame {
  logic: number;
  operators: number;
  inner: number;
  tallest: number;
  done: number;
}

const emptyFrame = (): Frame => ({ logic: 0, operators: 0, inner: 0, tallest: 0, done: 0 });

const endTerm = (frame: Frame): void => {
  frame.tallest = Math.max(frame.tallest, frame.operators + frame.inner);
  frame.operators = 0;
  frame.inner = 0;
};

const endMember = (frame: Frame): void => {
  endTerm(frame);
  frame.done = Math.max(frame.done, frame.logic + frame.tallest);
  frame.logic = 0;
  frame.tallest = 0;
};

const closeInto = (frames: Frame[]): void => {
  const frame = frames.pop()!;
  endMember(frame);
  const outer = frames.at(-1)!;
  outer.inner = Math.max(outer.inner, 1 + frame.done);
};

const rootHeight = (frames: Frame[]): number => {
  while (frames.length > 1) closeInto(frames);
  const [root] = frames;
  endMember(root!);
  return root!.done;
};

/** The place after a text that opens at `at`; undefined where it never closes. */
const afterText = (text: string, at: number): number | undefined => {
  for (let place = at + 1; place < text.length; place += 1) {
    if (text[place] === '"') return place + 1;
    if (text[place] === '\\') place += 1;
  }
  return undefined;
};

const take = (frames: Frame[], token: string): void => {
  const frame = frames.at(-1)!;
  if (OPENING.has(token)) frames.push(emptyFrame());
  else if (CLOSING.has(token)) {
    if (frames.length > 1) closeInto(frames);
  } else if (token === ',') endMember(frame);
  else if (LOGIC.has(token)) {
    endTerm(frame);
    frame.logic += 1;
  } else if (WORDY.has(token) || !PLAIN.test(token)) frame.operators += 1;
};

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/**
 * What keeps a text from the parser, with its line, or undefined: a statement that is nested too deeply or too long a
 * chain. Looks at each character once and never sees less than the parser would, whether or not the text parses.
 */
export const textExcess = (text: string): string | undefined => {
  let frames = [emptyFrame()];
  let start: number | undefined;
  let isClosing = true;
  const excess = (what: string) => `line ${lineOf(text, start ?? 0)}: a statement has ${what}`;
  const tooTall = `more than ${MAX_HEIGHT} brackets and operators one within the other; take a set, or two statements`;
  for (let at = 0; at < text.length;) {
    TOKEN.lastIndex = at;
    const [token] = TOKEN.exec(text)!;
    const isSeen = !/^(?:\s|\/\/)/.test(token);
    if (isSeen) start ??= at;
    // After a text that never closes a quote is only a quote: the rest is read once, not once for each.
    const end: number | undefined =
      token === '"' && isClosing ? afterText(text, at) : at + token.length;
    isClosing &&= end !== undefined;
    at = end ?? at + 1;
    if (token === ';' && frames.length === 1) {
      if (rootHeight(frames) > MAX_HEIGHT) return excess(tooTall);
      frames = [emptyFrame()];
      start = undefined;
    } else take(frames, token);
    if (frames.length > MAX_BRACKETS + 1)
      return excess(`more than ${MAX_BRACKETS} brackets within each other`);
  }
  return rootHeight(frames) > MAX_HEIGHT ? excess(tooTall) : undefined;
};
