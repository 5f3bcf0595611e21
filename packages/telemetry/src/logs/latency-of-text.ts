import { numberOfText } from '../rows/parse-number.ts';

/** Milliseconds of one unit. Both the micro sign and the Greek letter are in use. */
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  '\u00b5s': 1e-3,
  '\u03bcs': 1e-3,
  ms: 1,
  s: 1000,
};
const WITH_UNIT = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)\s*(ns|us|\u00b5s|\u03bcs|ms|s)$/;
const FIRST_IN_TEXT =
  /(?<![\w.+-])(\d+(?:\.\d+)?)\s?(ns|us|\u00b5s|\u03bcs|ms|s)(?![\w\u00b5\u03bc])/;

/** Milliseconds of a number or a text, with a unit or without one, which is milliseconds; NaN for anything else or below 0. */
export const latencyMsOf = (value: unknown): number => {
  if (typeof value === 'number') return notNegative(value);
  if (typeof value !== 'string') return Number.NaN;
  const text = value.trim();
  const [, figure = text, unit = 'ms'] = WITH_UNIT.exec(text) ?? [];
  return inMs(figure, unit);
};

/** Milliseconds of the first number with a unit of time in a text; NaN when there is none. */
export const firstLatencyMsIn = (text: string): number => {
  const [, figure = '', unit = ''] = FIRST_IN_TEXT.exec(text) ?? [];
  return inMs(figure, unit);
};

/** Divides by whole numbers where a unit is smaller than a millisecond, so that 250us is 0.25 and no neighbour of it. */
function inMs(figure: string, unit: string): number {
  const value = numberOfText(figure);
  const factor = UNIT_MS[unit] ?? Number.NaN;
  return notNegative(factor < 1 ? value / Math.round(1 / factor) : value * factor);
}

const notNegative = (value: number): number =>
  value >= 0 && Number.isFinite(value) ? value : Number.NaN;
