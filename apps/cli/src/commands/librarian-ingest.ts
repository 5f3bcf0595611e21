import { resolve } from 'node:path';
import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { ingestionWords } from '../words/library-words.ts';

/** A relative path is meant from where the caller stands; the stack has to see the same disk. */
export async function librarianIngest(
  this: CliContext,
  flags: JsonFlag,
  path: string,
): Promise<void> {
  const report = await openSession(this).librarian.ingestDocuments(
    { path: resolve(path) },
    { idempotencyKey: crypto.randomUUID() },
  );
  print(this, flags, report, () => ingestionWords(report));
}

export async function librarianReindex(this: CliContext, flags: JsonFlag): Promise<void> {
  const report = await openSession(this).librarian.reindex({});
  print(this, flags, report, () => ingestionWords(report));
}
