import type { Freeze } from '@holdfast/contracts';
import { CliError, EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { note, print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';

const words = (freeze: Freeze): string =>
  [
    freeze.on
      ? `the kill switch is on (${freeze.source})${freeze.reason === '' ? '' : `: ${freeze.reason}`}`
      : 'the kill switch is off',
    ...freeze.scopes.map(({ scope, by, reason, until }) => {
      const why = reason === '' ? '' : `: ${reason}`;
      return `${scope} is frozen by ${by}${until === null ? '' : ` until ${until}`}${why}`;
    }),
  ].join('\n');

const MINUTE_MS = 60_000;
const UNITS: Readonly<Record<string, number>> = { m: 1, h: 60, d: 24 * 60 };

/** `30m`, `2h`, `1d` from now as a time; nothing for nothing. */
const untilOf = (text: string | undefined): { until?: string } => {
  if (text === undefined) return {};
  const match = /^(\d{1,4})([mhd])$/.exec(text);
  if (!match)
    throw new CliError(`--for ${text}: expected a time like 30m, 2h or 1d`, { exit: EXIT.usage });
  const ms = Number(match[1]) * UNITS[match[2]!]! * MINUTE_MS;
  return { until: new Date(Date.now() + ms).toISOString() };
};

/** A stop that was asked for twice is in force all the same, so it is no failure. */
export async function freeze(
  this: CliContext,
  flags: JsonFlag & { reason: string; scope?: string; for?: string },
): Promise<void> {
  const { reason, scope } = flags;
  const input = { reason, ...(scope === undefined ? {} : { scope }), ...untilOf(flags.for) };
  const result = await openSession(this).governance.freeze(input);
  const again =
    scope === undefined
      ? 'the kill switch was on already; who turned it on, and why, stays as it was'
      : `${scope} was frozen already; its reason and end are now these`;
  print(this, flags, result, () =>
    [...(result.froze === 0 ? [again] : []), words(result)].join('\n'),
  );
}

/** Nothing to thaw is a failure: the scope may be misspelt while what was meant stays frozen. */
export async function unfreeze(
  this: CliContext,
  flags: JsonFlag & { scope?: string },
): Promise<void> {
  const { scope } = flags;
  const result = await openSession(this).governance.unfreeze(scope === undefined ? {} : { scope });
  print(this, flags, result, () => words(result));
  if (result.unfroze > 0) return;
  const what = scope === undefined ? 'the kill switch was not on' : `${scope} was not frozen`;
  note(this, `unfroze nothing: ${what}`);
  this.process.exitCode = EXIT.failed;
}
