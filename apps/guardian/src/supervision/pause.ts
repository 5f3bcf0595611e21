import type { Moment, Timepiece } from '../journal/timepiece.ts';

/** A pause as it began. */
export interface PauseRecord {
  readonly since: Moment;
  readonly for_ms: number;
  /** When it ends by the wall clock of that moment, for people; RFC 3339. */
  readonly until: string;
}

/** No automatic restart while it lasts, however the wall clock is set meanwhile. */
export interface Pause {
  readonly until: Date;
  /** 0 when it is over. */
  leftMs(): number;
}

export const beginPause = (forMs: number, timepiece: Timepiece): PauseRecord => ({
  since: timepiece.moment(),
  for_ms: forMs,
  until: new Date(timepiece.now() + forMs).toISOString(),
});

export const createPause = (record: PauseRecord, timepiece: Timepiece): Pause => {
  const { since, for_ms, until } = record;
  const beganAt = Date.parse(until) - for_ms;
  return {
    until: new Date(until),
    leftMs: () => Math.max(0, for_ms - timepiece.since(since, beganAt)),
  };
};
