import { readFileSync } from 'node:fs';

/**
 * A moment by a clock that never jumps. Two of them can be subtracted only when they are of one boot of the machine:
 * `boot` is empty where the platform does not tell, and such moments belong to one process alone.
 */
export interface Moment {
  readonly boot: string;
  readonly ms: number;
}

export interface Timepiece {
  /** Milliseconds since the epoch, by the clock of the wall: it may jump. */
  now(): number;
  moment(): Moment;
  /** Milliseconds from then to now, at least 1: by the steady clock where that is possible. */
  since(then: Moment | undefined, wallThen: number): number;
}

const readBoot = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
};

const steadyMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

export const createTimepiece = (
  now: () => number = Date.now,
  steady: () => number = steadyMs,
  boot: string = readBoot(),
): Timepiece => {
  const bornAt = steady();
  const comparable = (then: Moment): boolean =>
    then.boot === boot && (boot !== '' || then.ms >= bornAt);
  return {
    now,
    moment: () => ({ boot, ms: steady() }),
    since(then, wallThen) {
      const elapsed =
        then !== undefined && comparable(then) && then.ms <= steady()
          ? steady() - then.ms
          : now() - wallThen;
      return Math.max(1, Math.round(elapsed));
    },
  };
};
