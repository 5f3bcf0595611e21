const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const DAY_MIN = 24 * 60;

/** A time of the week at which nothing is applied. Days name when it begins; times are UTC, `HH:MM`. */
export interface FreezeWindow {
  readonly name: string;
  readonly days: readonly string[];
  readonly from: string;
  /** Before or at `from`: it ends on the next day. */
  readonly to: string;
  readonly scope?: string | undefined;
}

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

const isOpen = ({ days, from, to }: FreezeWindow, now: number): boolean => {
  const date = new Date(now);
  const minute = date.getUTCHours() * 60 + date.getUTCMinutes();
  const today = DAYS[date.getUTCDay()]!;
  const yesterday = DAYS[(date.getUTCDay() + 6) % 7]!;
  const begin = minutes(from);
  const end = minutes(to) > begin ? minutes(to) : minutes(to) + DAY_MIN;
  const since = (day: string, at: number): boolean => days.includes(day) && at >= begin && at < end;
  return since(today, minute) || since(yesterday, minute + DAY_MIN);
};

/** The windows that are open at a time (milliseconds since 1970). */
export const openWindows = <W extends FreezeWindow>(windows: readonly W[], now: number): W[] =>
  windows.filter((window) => isOpen(window, now));
