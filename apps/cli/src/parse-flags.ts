import { CliError, EXIT } from './cli-error.ts';

/** One of a closed list, or undefined when it was not given. Throws a usage error that lists them. */
export const oneOf = <T extends string>(
  flag: string,
  text: string | undefined,
  known: readonly T[],
): T | undefined => {
  if (text === undefined) return undefined;
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new CliError(`--${flag} ${text}: expected one of ${known.join(', ')}`, {
    exit: EXIT.usage,
  });
};

const UNIT_S = { s: 1, m: 60, h: 3_600 } as const;
const DAY_S = 86_400;

/** `90`, `90s`, `5m`, `2h` as seconds, from a second to a day. Throws a usage error. */
export const parseDuration = (flag: string, text: string): number => {
  const [, digits, unit = 's'] = /^(\d{1,6})([smh])?$/.exec(text) ?? [];
  const seconds = Number(digits) * UNIT_S[unit as keyof typeof UNIT_S];
  if (seconds >= 1 && seconds <= DAY_S) return seconds;
  throw new CliError(`--${flag} ${text}: expected 1s to 24h, for example 90s, 5m or 2h`, {
    exit: EXIT.usage,
  });
};

/** A whole number within limits. Throws a usage error. */
export const parseCount = (flag: string, text: string, most: number): number => {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new CliError(`--${flag} ${text}: expected 1 to ${most}`, { exit: EXIT.usage });
};
