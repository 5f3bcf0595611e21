import { isTerminal, type ChangeState, type Event } from '@holdfast/contracts';
import type { CliContext } from '../context.ts';
import { exitOfChange } from '../follow-change.ts';
import { liveEvents } from '../live-events.ts';
import type { JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { changeEventLine } from '../words/change-event-words.ts';

const isAbout = ({ type, correlationid }: Event, id: string | undefined): boolean =>
  type.startsWith('change.') && (id === undefined || correlationid === id);

/** Ends a watch at Ctrl-C as an ordinary end, not as a failure. */
const untilInterrupted = (): AbortController => {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  return ending;
};

export async function changesWatch(this: CliContext, flags: JsonFlag, id?: string): Promise<void> {
  const session = openSession(this);
  if (id !== undefined) await session.governance.getChange({ id });
  const ending = untilInterrupted();
  // One change is told from its beginning; of all changes only what happens from now on.
  const after = id === undefined ? undefined : 0;
  for await (const { event } of liveEvents(session, ending.signal, after)) {
    if (!isAbout(event, id)) continue;
    const text = flags.json ? JSON.stringify(event) : changeEventLine(event);
    this.process.stdout.write(`${text}\n`);
    const to = event.data['to'] as ChangeState | undefined;
    if (id === undefined || to === undefined || !isTerminal(to)) continue;
    this.process.exitCode = exitOfChange(await session.governance.getChange({ id }));
    ending.abort();
  }
}
