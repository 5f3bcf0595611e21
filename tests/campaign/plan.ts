import type { Seeded } from '../harness/seeded.ts';

export const FAULT_KINDS = [
  'kill',
  'stop_signal',
  'memory_limit',
  'port_theft',
  'disk_full',
  'clock_jump',
  'guardian_killed',
  'keeper_killed',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** How many of a hundred faults are of each kind, where the machine allows them all. */
const SHARES: Readonly<Record<FaultKind, number>> = {
  kill: 40,
  stop_signal: 12,
  memory_limit: 12,
  port_theft: 10,
  disk_full: 4,
  clock_jump: 8,
  guardian_killed: 9,
  keeper_killed: 5,
};

export interface PlannedFault {
  readonly index: number;
  readonly kind: FaultKind;
  /** The process it is done to; what is done to the whole machine has none. */
  readonly victim?: string;
  /** Waited before it, ms. */
  readonly pauseMs: number;
  /** Strikes while the one before is not healed yet. */
  readonly overlaps: boolean;
  /** Hours of a clock jump, forwards or back. */
  readonly hours: number;
}

export interface PlanOptions {
  readonly faults: number;
  readonly kinds: readonly FaultKind[];
  readonly kernels: readonly string[];
  readonly random: Seeded;
}

const LONGEST_PAUSE_MS = 200;
const OVERLAPPING_SHARE = 0.2;
const MOST_HOURS = 6;
/** Killing both the guardian and its keeper leaves nobody who could start anything: that is another test. */
const WATCHERS: readonly FaultKind[] = ['guardian_killed', 'keeper_killed'];
/** While nothing can be written, nothing else is asked of the stack. */
const ALONE: readonly FaultKind[] = ['disk_full'];

const victims = (kind: FaultKind, kernels: readonly string[]): readonly string[] => {
  if (kind === 'kill') return [...kernels, 'gateway', 'agent', 'spare'];
  if (kind === 'stop_signal') return [...kernels, 'gateway', 'agent'];
  return kind === 'memory_limit' || kind === 'port_theft' ? kernels : [];
};

const mayOverlap = (before: PlannedFault, next: PlannedFault): boolean =>
  !before.overlaps &&
  before.kind !== next.kind &&
  before.victim !== next.victim &&
  ![before.kind, next.kind].some((kind) => ALONE.includes(kind)) &&
  ![before.kind, next.kind].every((kind) => WATCHERS.includes(kind));

/** The whole run before it begins: what happens does not depend on how long anything takes. */
export const planFaults = ({ faults, kinds, kernels, random }: PlanOptions): PlannedFault[] => {
  const drawn = kinds.flatMap((kind) => Array.from({ length: SHARES[kind] }, () => kind));
  const planned: PlannedFault[] = [];
  for (let index = 0; index < faults; index += 1) {
    // Each kind comes up at least once, also in a short run.
    const kind = kinds[index] ?? random.pick(drawn);
    const among = victims(kind, kernels);
    const next: PlannedFault = {
      index,
      kind,
      victim: among.length === 0 ? undefined : random.pick(among),
      pauseMs: random.below(LONGEST_PAUSE_MS),
      overlaps: random.next() < OVERLAPPING_SHARE,
      hours: (1 + random.below(MOST_HOURS)) * random.pick([-1, 1]),
    };
    const before = planned.at(-1);
    planned.push({
      ...next,
      overlaps: before !== undefined && next.overlaps && mayOverlap(before, next),
    });
  }
  return planned;
};

export const describeFault = (fault: PlannedFault): string =>
  [
    `#${fault.index + 1} ${fault.kind}`,
    fault.victim ?? '',
    fault.kind === 'clock_jump' ? `${fault.hours} h` : '',
    fault.overlaps ? '(overlapping)' : '',
  ]
    .filter(Boolean)
    .join(' ');
