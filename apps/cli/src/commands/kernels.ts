import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { kernelTable } from '../words/healing-words.ts';

export async function kernels(this: CliContext, flags: JsonFlag): Promise<void> {
  const { assignments, total } = await openSession(this).kernelPorts.getAssignments({});
  print(this, flags, { items: assignments, total, next_cursor: null }, () =>
    kernelTable(assignments),
  );
}
