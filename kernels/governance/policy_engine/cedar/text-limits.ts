/** Brackets within each other. */
export const MAX_BRACKETS = 20;
/**
 * Brackets and operators on the way from a whole condition to its innermost part. The parser recurses at each; beyond
 * some 70 brackets or 100 operators it overruns its stack, and with it every later call.
 */
export const MAX_HEIGHT = 48;

const LOGIC = new Set(['&&', '||', 'if', 'then', 'else', 'when', 'unless']);
const OPERATORS = new Set(['in', 'has', 'like', 'is']);
const OPENING = '([{';
const CLOSING = ')]}';

/** Blanks, comments, whole texts, words and numbers, operators of two characters, then anything else alone. */
const TOKEN =
  /\s+|\/\/[^\n\r]*|"(?:\\[^\n])?|[A-Za-z_]\w*|\d+|&&|\|\||==|!=|<=|>=|::|[^]/gy;

/** What is known of the brackets that are open, innermost last: heights of what was read of them. */
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
