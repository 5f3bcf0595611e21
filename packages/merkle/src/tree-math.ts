/**
 * Arithmetic on tree positions. Sizes go up to 2^53-1, so everything here divides and multiplies:
 * JavaScript's bit operators would cut to 32 bits.
 */

/** The node that covers leaves [index * 2^level, (index + 1) * 2^level). */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** Leaves [start, end). */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

export function isTreeSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function isOdd(n: number): boolean {
  return n % 2 === 1;
}

export function half(n: number): number {
  return Math.floor(n / 2);
}

export function isPowerOfTwo(n: number): boolean {
  let rest = n;
  while (rest > 1 && rest % 2 === 0) rest /= 2;
  return rest === 1;
}

/** RFC 9162 section 2.1.1: the largest power of two smaller than n, for n > 1. */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** How many perfect subtrees a tree of that size has: the number of one bits. */
export function perfectSubtreeCount(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = half(rest)) if (isOdd(rest)) count++;
  return count;
}

/**
 * The perfect subtrees that make up a range, largest (leftmost) first. The range must be one the
 * RFC's recursion can produce: its start is a multiple of the power of two at or above its length.
 */
export function perfectNodes({ start, end }: LeafRange): NodeId[] {
  const nodes: NodeId[] = [];
  let at = start;
  while (at < end) {
    let width = 1;
    let level = 0;
    while (width * 2 <= end - at) {
      width *= 2;
      level++;
    }
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}
