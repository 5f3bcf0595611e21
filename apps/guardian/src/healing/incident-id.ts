const two = (value: number): string => String(value).padStart(2, '0');

const format = (micros: number): string => {
  const at = new Date(Math.floor(micros / 1_000));
  const day = `${at.getUTCFullYear()}${two(at.getUTCMonth() + 1)}${two(at.getUTCDate())}`;
  const time = `${two(at.getUTCHours())}${two(at.getUTCMinutes())}${two(at.getUTCSeconds())}`;
  return `inc_${day}_${time}_${String(micros % 1_000_000).padStart(6, '0')}`;
};

/** `inc_<YYYYmmdd_HHMMSS_us>` in UTC; of several in one microsecond the later ones take the next free one. */
export const incidentId = (now: number, isTaken: (id: string) => boolean): string => {
  let micros = Math.floor(now * 1_000);
  while (isTaken(format(micros))) micros += 1;
  return format(micros);
};
