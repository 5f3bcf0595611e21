import type { CliContext } from '../context.ts';
import { exitOfChange, followChange } from '../follow-change.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { changeWords } from '../words/change-words.ts';

interface Flags extends JsonFlag {
  readonly host: string;
  readonly detach?: boolean;
}

export async function proposeRepair(this: CliContext, flags: Flags): Promise<void> {
  const session = openSession(this);
  const input = { kind: 'packages.repair', target: { host: flags.host } } as const;
  const proposed = await session.governance.proposeChange(input, {
    idempotencyKey: crypto.randomUUID(),
  });
  const change = flags.detach ? proposed : await followChange(this, session, proposed);
  print(this, flags, change, () => changeWords(change));
  if (!flags.detach || change.state === 'blocked') this.process.exitCode = exitOfChange(change);
}
