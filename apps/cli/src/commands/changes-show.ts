import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { changeWords } from '../words/change-words.ts';

export async function changesShow(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const change = await openSession(this).governance.getChange({ id });
  print(this, flags, change, () => changeWords(change));
}
