import { InputError } from './input-error.ts';

const FORM = /^(\d*)(?:\.(\d*))?(ms|s|m|h)?$/;
const UNIT_MS: Readonly<Record<string, bigint>> = { ms: 1n, s: 1000n, m: 60_000n, h: 3_600_000n };

/**
 * Milliseconds of a decimal with `ms`, `s`, `m` or `h`; without a unit: seconds. Decimal arithmetic is exact: `0.29s` is
 * 290. Throws `duration_invalid` for anything else, also for what is not a whole number of milliseconds.
 */
export const parseDuration = (raw: string): number => {
  const [, whole = '', fraction = '', unit = 's'] = FORM.exec(raw.trim()) ?? [];
  if (whole === '' && fraction === '') throw invalid(raw);
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt(whole + fraction) * (UNIT_MS[unit] ?? 0n);
  const ms = Number(scaled / scale);
  if (scaled % scale !== 0n || !Number.isSafeInteger(ms)) throw invalid(raw);
  return ms;
};

/** Whole seconds for a log window: rounded up, at least 1 unless the duration is 0. */
export const logWindowSeconds = (durationMs: number): number => Math.ceil(durationMs / 1000);

const invalid = (raw: string) =>
  new InputError('duration_invalid', `invalid duration: '${raw}' (use e.g. 1.5s or 250ms)`);
