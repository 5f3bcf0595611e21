import type { HistoryResult } from './history.ts';

export interface Shrunk {
  /** What had to be left out so that only what matters is left. */
  readonly leftOut: readonly string[];
  readonly result: HistoryResult;
  readonly tries: number;
}

const MOST_TRIES = 400;

/**
 * Leaves out faults and acts for as long as the history still fails in the same words: first many at once, then single
 * ones. What remains in the result is what it takes.
 */
export const shrink = async (
  first: HistoryResult,
  already: ReadonlySet<string>,
  run: (leftOut: ReadonlySet<string>) => Promise<HistoryResult>,
): Promise<Shrunk> => {
  const kind = (result: HistoryResult): string | undefined => result.problems.map(kindOf)[0];
  const wanted = kind(first);
  let best = first;
  let leftOut: readonly string[] = [...already];
  let tries = 0;
  const remaining = (): string[] =>
    [...best.acts, ...best.struck].filter((name) => !leftOut.includes(name));

  for (let share = 2, size = Infinity; size > 1 && tries < MOST_TRIES; share *= 2) {
    const names = remaining();
    size = Math.max(1, Math.floor(names.length / share));
    for (let start = 0; start < names.length && tries < MOST_TRIES; start += size) {
      const candidate = [...leftOut, ...names.slice(start, start + size)];
      tries += 1;
      const result = await run(new Set(candidate));
      if (!result.problems.map(kindOf).includes(wanted!)) continue;
      best = result;
      leftOut = candidate;
    }
  }
  return { leftOut, result: best, tries };
};

/** The words of a problem without the ids and numbers in it. */
export const kindOf = (problem: string): string =>
  problem
    .replaceAll(/\b(chg|evt|run)_\w+/g, '$1')
    .replaceAll(/\d+(\.\d+)?/g, 'N')
    .slice(0, 100);
