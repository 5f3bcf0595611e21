import { EVENT_TYPES, HoldfastError, type Freeze } from '@holdfast/contracts';
import { isStoreError } from '@holdfast/store';
import type { GovernanceContext } from '../context.ts';

export type KillSwitchState = Omit<Freeze, 'scopes'>;

/** The kill switch: on when the environment says so or when an operator turned it on. */
export interface KillSwitch {
  read(): Promise<KillSwitchState>;
  /** False when an operator had turned it on before: their reason stays. */
  turnOn(reason: string, by: string): Promise<boolean>;
  /** False when it was not on. Throws kill_switch where the environment says that it is. */
  turnOff(by: string): Promise<boolean>;
}

interface Row {
  readonly reason: string;
  readonly set_by: string;
  readonly since: string;
}

const OFF: KillSwitchState = { on: false, source: 'none', reason: '', by: null, since: null };

/** What stands against a change, in words. */
export const freezeDetail = ({ source, reason, by }: KillSwitchState): string => {
  if (source === 'environment') return reason;
  return `turned on by ${by}${reason === '' ? '' : `: ${reason}`}`;
};

export const createKillSwitch = (context: GovernanceContext): KillSwitch => {
  const { store, clock } = context;
  const startedAt = clock.iso();

  const stored = async (): Promise<KillSwitchState> => {
    const [row] = await store.read<Row>(
      'SELECT reason, set_by, since FROM kill_switch WHERE id = 1',
    );
    if (!row) return OFF;
    return { on: true, source: 'operator', reason: row.reason, by: row.set_by, since: row.since };
  };

  /** Two operators at once: the second finds what it wanted done already. */
  const isFirst = async (write: Promise<unknown>): Promise<boolean> => {
    try {
      await write;
      return true;
    } catch (error) {
      if (isStoreError(error, 'STORE_CONSTRAINT') || isStoreError(error, 'WRITE_CONFLICT'))
        return false;
      throw error;
    }
  };

  const read = async (): Promise<KillSwitchState> => {
    if (!context.killSwitch) return stored();
    const reason = 'HOLDFAST_KILL_SWITCH is set';
    return { on: true, source: 'environment', reason, by: null, since: startedAt };
  };

  return {
    read,
    async turnOn(reason, by) {
      if ((await stored()).on) return false;
      const since = clock.iso();
      const event = {
        type: EVENT_TYPES.killSwitchOn,
        subject: 'kill_switch',
        actor: by,
        priority: 'critical',
        data: { reason, since },
      } as const;
      const sql = 'INSERT INTO kill_switch (id, reason, set_by, since) VALUES (1, ?, ?, ?)';
      return isFirst(context.commit([{ sql, params: [reason, by, since] }], [event]));
    },
    async turnOff(by) {
      if (context.killSwitch) {
        const detail = 'HOLDFAST_KILL_SWITCH is set; unset it and restart';
        throw new HoldfastError('kill_switch', { detail });
      }
      const before = await stored();
      if (!before.on) return false;
      const event = {
        type: EVENT_TYPES.killSwitchOff,
        subject: 'kill_switch',
        actor: by,
        priority: 'critical',
        data: { was: before },
      } as const;
      const sql = 'DELETE FROM kill_switch WHERE id = 1';
      return isFirst(context.commit([{ sql, expect: 1 }], [event]));
    },
  };
};
