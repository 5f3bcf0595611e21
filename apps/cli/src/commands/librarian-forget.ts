import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';

export async function librarianForget(
  this: CliContext,
  flags: JsonFlag,
  id: string,
): Promise<void> {
  const result = await openSession(this).librarian.removeDocument({ id });
  print(
    this,
    flags,
    result,
    () => `${id} is out of the index; it stays out until it is ingested by name`,
  );
}
