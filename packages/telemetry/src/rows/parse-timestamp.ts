import { numberOfText } from './parse-number.ts';

/** Above this a number of time counts milliseconds, below it seconds since 1970. */
const SECONDS_END = 1e11;
/** The last instant that a Date can hold. */
const LAST_MS = 8.64e15;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** From 1 March of the year 0. */
const DAYS_BEFORE_1970 = 719_468;
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s?([Zz]|[+-]\d\d(?::?\d\d)?)?$/;

/** Milliseconds since 1970 of a number of seconds or milliseconds; NaN outside the range of dates. */
export const timestampOfNumber = (value: number): number => {
  const ms = Math.round(value > SECONDS_END ? value : value * 1000);
  return Math.abs(ms) <= LAST_MS ? ms + 0 : Number.NaN;
};

/**
 * Milliseconds since 1970 of a numeric text or an ISO 8601 date: `Z`, an offset, or neither, which is UTC. Fractions are
 * cut to whole milliseconds. NaN when it is neither, or no day of the calendar.
 */
export const timestampOfText = (text: string): number => {
  const match = ISO.exec(text.trim());
  if (match === null) {
    return timestampOfNumber(numberOfText(text));
  }
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const days = dayOf(Number(year), Number(month), Number(day));
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return Number.NaN;
  const minutes = days * 1440 + Number(hour) * 60 + Number(minute) - offsetMinutes(zone);
  return minutes * 60_000 + Number(second) * 1000 + ms;
};

/** Days since 1970 of a day of the proleptic Gregorian calendar, years starting in March; NaN for no such day. */
function dayOf(year: number, month: number, day: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = month === 2 && isLeap ? 29 : (MONTH_DAYS[month - 1] ?? 0);
  if (day < 1 || day > length) return Number.NaN;
  const shifted = month > 2 ? year : year - 1;
  const leaps = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  const monthStart = Math.floor((153 * ((month + 9) % 12) + 2) / 5);
  return shifted * 365 + leaps + monthStart + day - 1 - DAYS_BEFORE_1970;
}

function offsetMinutes(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}
