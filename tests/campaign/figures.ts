import type { FaultKind } from './plan.ts';

/** How often each kind of fault was struck, and how long it took to heal, in ms. */
export interface Figures {
  healed(kind: FaultKind, ms: number): void;
  /** It was done, and nothing broke. */
  withstood(kind: FaultKind, how: string): void;
  readonly total: () => number;
  lines(): string[];
}

/** Nearest rank; `sorted` ascends and is not empty. */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;

const column = (value: string | number, width: number): string => String(value).padStart(width);

export const createFigures = (): Figures => {
  const times = new Map<FaultKind, number[]>();
  const calm = new Map<FaultKind, string[]>();
  const add = <T>(map: Map<FaultKind, T[]>, kind: FaultKind, value: T): void => {
    map.set(kind, [...(map.get(kind) ?? []), value]);
  };
  const sizes = (map: Map<FaultKind, unknown[]>): number =>
    [...map.values()].reduce((sum, list) => sum + list.length, 0);
  return {
    healed: (kind, ms) => add(times, kind, ms),
    withstood: (kind, how) => add(calm, kind, how),
    total: () => sizes(times) + sizes(calm),
    lines() {
      const rows = [...times].map(([kind, list]) => {
        const sorted = list.toSorted((a, b) => a - b);
        const cells = [0.5, 0.99, 1].map((share) =>
          column(Math.round(percentile(sorted, share)), 9),
        );
        return `${kind.padEnd(17)}${column(list.length, 6)}${cells.join('')}`;
      });
      return [
        `${'fault'.padEnd(17)}${['count', 'p50 ms', 'p99 ms', 'max ms'].map((head, index) => column(head, index === 0 ? 6 : 9)).join('')}`,
        ...rows,
        ...[...calm].map(([kind, how]) => `${kind}: ${how.length} times: ${how[0]}`),
      ];
    },
  };
};
