import { carryThrough, patient } from '@holdfast/client';
import { isTerminal, type ConfigEntry } from '@holdfast/contracts';
import type { CliContext } from '../context.ts';
import { followSettings } from '../follow-settings.ts';
import { note, print, type JsonFlag } from '../output.ts';
import { openSession, type Session } from '../session.ts';
import { entryWords } from '../words/config-words.ts';

/** Longer than the gateway waits for governance, so that its refusal is heard. */
const timeoutMs = 340_000;

const MAY_BE_MEANT: readonly ConfigEntry['state'][] = ['proposed', 'applying', 'expired'];

/** The proposal to apply, with the settings that it was made for where they were shown. */
const toApply = async (
  context: CliContext,
  { governance }: Session,
  wanted: string | undefined,
): Promise<{ change?: string; base_revision?: string }> => {
  if (wanted !== undefined) return { change: wanted };
  const { pending } = await governance.getConfigStatus({});
  if (pending !== null) {
    note(context, entryWords(pending));
    return { change: pending.change, base_revision: pending.base_revision };
  }
  // It may be on its way already, or too late; what has ended otherwise is not what is meant.
  const [last] = (await governance.getConfigHistory({ limit: 1 })).items;
  return last !== undefined && MAY_BE_MEANT.includes(last.state) ? { change: last.change } : {};
};

const show = async (
  context: CliContext,
  flags: JsonFlag,
  session: Session,
  id: string,
  words: (now: string) => string = (now) => now,
): Promise<void> => {
  await followSettings(context, session, id);
  const { active } = await patient(() => session.governance.getConfigStatus({}));
  print(context, flags, { ok: true, change: id, active }, () =>
    words(active === null ? 'no change of settings is in force' : entryWords(active)),
  );
};

export async function configApply(
  this: CliContext,
  flags: JsonFlag,
  wanted?: string,
): Promise<void> {
  const session = openSession(this);
  const { governance } = session;
  const asked = await toApply(this, session, wanted);
  const released = async (): Promise<{ change: string } | undefined> => {
    if (asked.change === undefined) return undefined;
    const { id, held, state } = await governance.getChange({ id: asked.change });
    return held && !isTerminal(state) ? undefined : { change: id };
  };
  const apply = () => governance.applyConfig(asked, { timeoutMs });
  const { change } = await carryThrough(apply, released);
  await show(this, flags, session, change);
}

export async function configRevert(this: CliContext, flags: JsonFlag): Promise<void> {
  const session = openSession(this);
  const { governance } = session;
  const { active } = await governance.getConfigStatus({});
  const asked = active === null ? {} : { change: active.change };
  const undoOf = async (): Promise<string | null> =>
    active === null ? null : (await governance.getChange({ id: active.change })).reverted_by;
  const before = await undoOf();
  const proposed = async (): Promise<{ change: string } | undefined> => {
    const undo = await undoOf();
    return undo === null || undo === before ? undefined : { change: undo };
  };
  const revert = () => governance.revertConfig(asked, { timeoutMs });
  const { change } = await carryThrough(revert, proposed);
  await show(this, flags, session, change, (now) => `undone by ${change}\n${now}`);
}
