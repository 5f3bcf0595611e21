import { PLAN_CLASSES, twoThirds } from '@holdfast/contracts';
import type { CliContext } from '../context.ts';
import { exitOfChange, followChange } from '../follow-change.ts';
import { print, table, type JsonFlag } from '../output.ts';
import { oneOf, parseCount } from '../parse-flags.ts';
import { openSession } from '../session.ts';
import { changeWords } from '../words/change-words.ts';

export async function quorumList(this: CliContext, flags: JsonFlag): Promise<void> {
  const all = await openSession(this).governance.getQuorums({});
  const rows = all.items.map((one) => [
    one.class,
    one.voters.length === 0 ? 'nobody is named' : `${one.k} of ${one.voters.length}`,
    one.rule,
    one.voters.join(' '),
  ]);
  print(this, flags, all, () => table(['CLASS', 'QUORUM', 'THE PROFILE ASKS FOR', 'VOTERS'], rows));
}

const MOST_VOTERS = 99;

interface SetFlags extends JsonFlag {
  readonly voter: readonly string[];
  readonly needed?: string;
  readonly detach?: boolean;
}

export async function quorumSet(this: CliContext, flags: SetFlags, text: string): Promise<void> {
  const cls = oneOf('class', text, PLAN_CLASSES)!;
  const voters = [...flags.voter];
  const k =
    flags.needed === undefined
      ? twoThirds(voters.length)
      : parseCount('needed', flags.needed, MOST_VOTERS);
  const session = openSession(this);
  const proposed = await session.governance.proposeChange(
    {
      kind: 'quorum',
      target: { quorum: cls },
      intent: { class: cls, voters, k },
    },
    { idempotencyKey: crypto.randomUUID() },
  );
  const change = flags.detach ? proposed : await followChange(this, session, proposed);
  print(this, flags, change, () => changeWords(change));
  if (!flags.detach || change.state === 'blocked') this.process.exitCode = exitOfChange(change);
}
