import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { parseDuration } from '../parse-flags.ts';
import { parsePatch } from '../parse-patch.ts';
import { openSession } from '../session.ts';
import { entryWords } from '../words/config-words.ts';

interface Flags extends JsonFlag {
  readonly ttl?: string;
  readonly base?: string;
}

export async function configPropose(
  this: CliContext,
  flags: Flags,
  ...words: string[]
): Promise<void> {
  const { ttl, base } = flags;
  const patch = parsePatch(words);
  const answer = await openSession(this).governance.proposeConfig({
    ...patch,
    ...(ttl === undefined ? {} : { ttl_sec: parseDuration('ttl', ttl) }),
    ...(base === undefined ? {} : { base_revision: base }),
  });
  print(this, flags, answer, () =>
    [entryWords(answer.pending), '`bin/holdfast config apply` puts it in force'].join('\n'),
  );
}
