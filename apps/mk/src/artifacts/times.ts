const two = (value: number): string => String(value).padStart(2, '0');

/** `2026-01-02T03:04:05+00:00` of milliseconds since the epoch. */
export const secondStamp = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 19)}+00:00`;

/** The same with microseconds; what a clock does not give is zero. */
export const microStamp = (ms: number): string => {
  const whole = Math.floor(ms);
  const micros = Math.floor((ms - whole) * 1000);
  return `${new Date(whole).toISOString().slice(0, 23)}${String(micros).padStart(3, '0')}+00:00`;
};

/** `20260102_030405` in UTC: the part of a file's name that says when it was made. */
export const fileStamp = (ms: number): string => {
  const at = new Date(ms);
  const day = `${at.getUTCFullYear()}${two(at.getUTCMonth() + 1)}${two(at.getUTCDate())}`;
  return `${day}_${two(at.getUTCHours())}${two(at.getUTCMinutes())}${two(at.getUTCSeconds())}`;
};

/** Whole seconds between two stamps as they are printed. */
export const durationSeconds = (startedMs: number, finishedMs: number): number =>
  Math.max(0, Math.floor(finishedMs / 1000) - Math.floor(startedMs / 1000));
