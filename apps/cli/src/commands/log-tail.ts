import type { LedgerEntry } from '@holdfast/contracts';
import { CliError, EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { print, table, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';

const row = ({ index, event }: LedgerEntry): string[] => [
  String(index),
  event.time,
  event.type,
  event.actor,
  event.subject ?? '',
  event.id,
];

export async function logTail(
  this: CliContext,
  flags: JsonFlag & { lines: string },
): Promise<void> {
  const limit = Number(flags.lines);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new CliError(`--lines ${flags.lines}: expected 1 to 1000`, { exit: EXIT.usage });
  const entries = await openSession(this).log.listEntries({ limit });
  print(this, flags, entries, () =>
    table(['INDEX', 'TIME', 'TYPE', 'ACTOR', 'SUBJECT', 'ID'], entries.items.toReversed().map(row)),
  );
}
