import { Worker, parentPort } from 'node:worker_threads';
import { runHistory, type HistoryResult } from './history.ts';
import type { Machinery } from './machinery.ts';
import type { Length } from './world/scenario.ts';
import { kindOf } from './shrink.ts';

/** Histories that one thread runs before it asks for more. */
const CHUNK = 50;

interface Failed {
  readonly seed: number;
  readonly problems: readonly string[];
}

interface Part {
  readonly results: readonly Omit<HistoryResult, 'acts' | 'struck'>[];
  readonly faults: number;
}

export interface Sum {
  readonly histories: number;
  readonly seconds: number;
  readonly events: number;
  readonly faults: number;
  readonly changes: number;
  readonly effects: number;
  /** By seed. */
  readonly failed: readonly Failed[];
  /** Failures in the same words, most frequent first. */
  readonly kinds: readonly {
    readonly words: string;
    readonly seeds: readonly number[];
  }[];
}

/** One of the threads: runs the seeds that it is given. */
export const work = (machinery: Machinery, length: Length | undefined): void => {
  const port = parentPort!;
  const run = async ({ from, to }: { from: number; to: number }): Promise<void> => {
    const results: Part['results'][number][] = [];
    let faults = 0;
    for (let seed = from; seed < to; seed += 1) {
      const { acts: _, struck, ...result } = await runHistory(machinery, { seed, length });
      faults += struck.length;
      results.push(result);
    }
    port.postMessage({ results, faults } satisfies Part);
  };
  port.on('message', (chunk: { from: number; to: number }) => void run(chunk));
  port.postMessage(undefined);
};

const groupByWords = (failed: readonly Failed[]): Sum['kinds'] => {
  const kinds = new Map<string, number[]>();
  for (const { seed, problems } of failed) {
    const words = kindOf(problems[0]!);
    kinds.set(words, [...(kinds.get(words) ?? []), seed]);
  }
  return [...kinds]
    .map(([words, seeds]) => ({ words, seeds }))
    .toSorted((one, other) => other.seeds.length - one.seeds.length);
};

/** Runs seeds in threads of their own, in any order; each history is the same wherever and whenever it runs. */
export const runMany = async (options: {
  readonly histories: number;
  readonly from: number;
  readonly workers: number;
  readonly first: boolean;
}): Promise<Sum> => {
  const end = options.from + options.histories;
  const began = performance.now();
  const parts: Part[] = [];
  let next = options.from;
  const isOver = (): boolean =>
    next >= end ||
    (options.first &&
      parts.some(({ results }) => results.some(({ problems }) => problems.length > 0)));

  const runThread = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(process.argv[1]!, {
        argv: process.argv.slice(2),
      });
      worker.once('error', reject);
      worker.on('message', (part: Part | undefined) => {
        if (part) parts.push(part);
        if (isOver()) return void worker.terminate().then(() => resolve());
        const from = next;
        next = Math.min(end, next + CHUNK);
        worker.postMessage({ from, to: next });
      });
    });
  await Promise.all(Array.from({ length: Math.max(1, options.workers) }, runThread));

  const all = parts.flatMap(({ results }) => results);
  const total = (figure: 'events' | 'changes' | 'effects'): number =>
    all.reduce((sum, result) => sum + result[figure], 0);
  const failed = all
    .filter(({ problems }) => problems.length > 0)
    .toSorted((one, other) => one.seed - other.seed);
  return {
    histories: all.length,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    events: total('events'),
    faults: parts.reduce((sum, { faults }) => sum + faults, 0),
    changes: total('changes'),
    effects: total('effects'),
    failed,
    kinds: groupByWords(failed),
  };
};
