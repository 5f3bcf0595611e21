import type { CliContext } from '../context.ts';
import { print, table, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { parseKind, parseLimit } from '../words/library-words.ts';

export async function librarianSources(
  this: CliContext,
  flags: JsonFlag & { kind?: string; limit: string },
): Promise<void> {
  const documents = await openSession(this).librarian.listDocuments({
    limit: parseLimit(flags.limit, 1000),
    kind: parseKind(flags.kind),
  });
  const rows = documents.items.map((item) => [
    item.id,
    item.kind,
    String(item.passages),
    item.indexed_at,
    item.source,
  ]);
  print(this, flags, documents, () =>
    [
      table(['DOCUMENT', 'KIND', 'PASSAGES', 'INDEXED', 'SOURCE'], rows),
      `${rows.length} of ${documents.total}`,
    ].join('\n'),
  );
}
