/** Whose event it is: nothing of the dead happens any more, and what is paused happens when it wakes up. */
export interface Owner {
  readonly name: string;
  readonly alive: boolean;
  readonly pausedUntil: number;
  end(): void;
}

export interface Scheduled {
  cancel(): void;
}

export interface Scheduler {
  /** Milliseconds since the epoch, with fractions. */
  now(): number;
  after(ms: number, owner: Owner | undefined, label: string, run: () => void): Scheduled;
  /** Events that happened so far. */
  count(): number;
  /** Whose event happened last: what is done in its turn is done by it. */
  last(): Owner | undefined;
  /** Time of the next event; Infinity when there is none. */
  nextAt(): number;
  /** Lets events happen, each in a turn of its own, until `enough` says so (asked between two turns). */
  run(enough: () => boolean): Promise<void>;
}

interface Entry {
  at: number;
  readonly order: number;
  readonly owner: Owner | undefined;
  readonly label: string;
  run: (() => void) | undefined;
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

/** A binary heap of events by time, then by order of their making. */
const createHeap = () => {
  const heap: Entry[] = [];
  const down = (): void => {
    const top = heap[0]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(top, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = top;
  };
  return {
    peek: (): Entry | undefined => heap[0],
    push(entry: Entry): void {
      let at = heap.length;
      heap.push(entry);
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isBefore(entry, heap[parent]!)) break;
        heap[at] = heap[parent]!;
        at = parent;
      }
      heap[at] = entry;
    },
    pop(): void {
      const last = heap.pop()!;
      if (heap.length === 0) return;
      heap[0] = last;
      down();
    },
  };
};

/** Turns asked of the event loop at once: between two of them all microtasks run, and it costs a microsecond. */
const TURNS = 64;
const laterTurn = setImmediate;

/** Events in virtual time. `onEvent` is told each one that happens. */
export const createScheduler = (
  start: number,
  onEvent?: (at: number, owner: string, label: string) => void,
): Scheduler => {
  const heap = createHeap();
  let now = start;
  let order = 0;
  let count = 0;
  let last: Owner | undefined;

  const drop = (): void => {
    for (;;) {
      const next = heap.peek();
      if (!next) return;
      const { owner } = next;
      if (next.run === undefined || (owner && !owner.alive)) heap.pop();
      else if (owner && owner.pausedUntil > next.at) {
        heap.pop();
        // What waited for a paused process reaches it in its old order.
        next.at = owner.pausedUntil;
        heap.push(next);
      } else return;
    }
  };

  const happen = (): void => {
    const next = heap.peek()!;
    heap.pop();
    now = Math.max(now, next.at);
    count += 1;
    last = next.owner;
    onEvent?.(now, next.owner?.name ?? '', next.label);
    next.run!();
  };

  return {
    now: () => now,
    count: () => count,
    last: () => last,
    nextAt() {
      drop();
      return heap.peek()?.at ?? Infinity;
    },
    after(ms, owner, label, run) {
      const entry: Entry = {
        at: now + ms,
        order: (order += 1),
        owner,
        label,
        run,
      };
      heap.push(entry);
      return {
        cancel() {
          entry.run = undefined;
        },
      };
    },
    run(enough) {
      return new Promise((resolve, reject) => {
        let left = 0;
        let ended = false;
        const end = (): void => {
          ended = true;
          resolve();
        };
        const turn = (): void => {
          if (ended) return;
          left -= 1;
          try {
            drop();
            if (enough() || !heap.peek()) return end();
            happen();
          } catch (error) {
            ended = true;
            return reject(error as Error);
          }
          if (left === 0) ask();
        };
        const ask = (): void => {
          left = TURNS;
          for (let index = 0; index < TURNS; index += 1) laterTurn(turn);
        };
        ask();
      });
    },
  };
};
