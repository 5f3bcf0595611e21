import { createClient, type Client } from '@holdfast/client';
import {
  governanceApi,
  isHoldfastError,
  isTerminal,
  type Change,
  type ChangeState,
} from '@holdfast/contracts';
import { isTransient } from '@holdfast/change';
import type { Draws } from '../core/draws.ts';
import type { Life } from '../core/life.ts';
import type { Scheduler } from '../core/scheduler.ts';
import type { Wire } from '../net/wire.ts';
import { principalOf, signFor, type Name } from './people.ts';
import type { ChangeAct, DecisionAct, FreezeAct, Scenario } from './scenario.ts';

export interface Acknowledged {
  readonly change: string;
  readonly author: string;
  readonly act: string;
}

/** What the people of a history were told. */
export interface Heard {
  readonly acknowledged: Acknowledged[];
  /** When somebody was told that the kill switch is on. */
  readonly frozen: number[];
  /** Approvals that were taken, with who gave them. */
  readonly approvals: {
    readonly change: string;
    readonly who: string;
    readonly planHash: string;
  }[];
}

export interface Operators {
  readonly heard: Heard;
  /** Acts that are not over yet. */
  open(): number;
  /** Turns the kill switch off, whoever turned it on: a call from long ago may still do that. */
  thaw(): void;
  /** A change has reached a state: people hear of that. */
  hear(change: string, state: ChangeState): void;
}

export interface OperatorsOptions {
  readonly scenario: Scenario;
  readonly life: Life;
  readonly scheduler: Scheduler;
  readonly wire: Wire;
  readonly draws: Draws;
  drift(host: string, name: string, version: string): void;
  onUnexpected(where: string, error: unknown): void;
}

type Governance = Client<typeof governanceApi>;

const CALL_MS = 8_000;
const TRIES = 12;
const LOOKS = 12;
const LOOK_MS = 4_000;
const ASKERS = 0.15;
const REACTION_MS = 20;

export const startOperators = (options: OperatorsOptions): Operators => {
  const { life, scheduler, wire, scenario } = options;
  const heard: Heard = { acknowledged: [], frozen: [], approvals: [] };
  const clients = new Map<Name, Governance>();
  let open = 0;
  let nonces = 0;
  const hands = options.draws.site('hands');

  const as = (person: Name): Governance => {
    const known = clients.get(person);
    if (known) return known;
    const made = createClient(governanceApi, wire.transport(life, principalOf(person)));
    clients.set(person, made);
    return made;
  };

  /** Repeats what may be repeated while nobody answers; undefined when it was refused or never answered. */
  const insist = async <T>(call: () => Promise<T>, tries = TRIES): Promise<T | undefined> => {
    for (let left = tries; left > 0; left -= 1) {
      try {
        return await call();
      } catch (error) {
        if (!isTransient(error)) return undefined;
        await life.clock.sleep(200 + 100 * (tries - left));
      }
    }
    return undefined;
  };

  const settledEnough = (state: ChangeState): boolean => state === 'waiting' || isTerminal(state);

  const states = new Map<string, ChangeState>();
  const listeners = new Map<string, Set<() => void>>();

  /** Resolves when it is known that a change reached such a state, or is not waited for any more. */
  const hearOf = (id: string, pass: (state: ChangeState) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const own = listeners.get(id) ?? new Set();
      listeners.set(id, own);
      const listen = (): void => {
        const state = states.get(id);
        if (state === undefined || !pass(state)) return;
        own.delete(listen);
        scheduler.after(REACTION_MS * hands.draw(), life, 'heard', resolve);
      };
      own.add(listen);
      scheduler.after(LOOKS * LOOK_MS, life, 'patience', resolve);
      listen();
    });

  /** Looks at a change that is waited for: most hear of it, some follow it by asking. */
  const look = async (person: Name, id: string, pass: (state: ChangeState) => boolean) => {
    let seen: Change | undefined;
    if (!hands.chance(ASKERS)) {
      await hearOf(id, pass);
      return insist(() => as(person).getChange({ id }, { timeoutMs: CALL_MS }), 3);
    }
    for (let left = LOOKS; left > 0; left -= 1) {
      const after = seen === undefined ? {} : { after_version: seen.version, wait_ms: LOOK_MS };
      const callOptions = { timeoutMs: CALL_MS };
      seen = (await insist(() => as(person).getChange({ id, ...after }, callOptions), 3)) ?? seen;
      if (seen && pass(seen.state)) return seen;
    }
    return seen;
  };

  const decide = async (id: string, { who, what, afterMs }: DecisionAct): Promise<void> => {
    await life.clock.sleep(afterMs);
    const timeoutMs = CALL_MS;
    if (what === 'cancel')
      return void (await insist(() => as(who).cancelChange({ id }, { timeoutMs })));
    const change = await look(who, id, settledEnough);
    if (change?.state !== 'waiting') return;
    if (what === 'reject') {
      await insist(() => as(who).rejectChange({ id, reason: 'no' }, { timeoutMs }));
      return;
    }
    if (what === 'withdraw') {
      await insist(() => as(who).withdrawApproval({ id }, { timeoutMs }));
      return;
    }
    const plan_hash = what === 'approve another plan' ? '0'.repeat(64) : change.plan!.hash;
    const signed = (decision: 'approve' | 'challenge') => {
      const nonce = `nonce ${(nonces += 1)}`;
      const signature = signFor(who, change, decision, plan_hash, life.clock.now(), nonce);
      return { id, plan_hash, signature };
    };
    if (what === 'challenge') {
      const objection = { ...signed('challenge'), reason: 'wait' };
      await insist(() => as(who).challengeChange(objection, { timeoutMs }));
      return;
    }
    const done = await insist(() => as(who).approveChange(signed('approve'), { timeoutMs }));
    if (done) heard.approvals.push({ change: id, who, planHash: plan_hash });
  };

  const undo = async (id: string, act: NonNullable<ChangeAct['revert']>): Promise<void> => {
    const { who, afterMs } = act;
    await look(who, id, isTerminal);
    await life.clock.sleep(afterMs);
    const callOptions = { idempotencyKey: act.id, timeoutMs: CALL_MS };
    const undone = await insist(() => as(who).revertChange({ id }, callOptions));
    if (!undone) return;
    heard.acknowledged.push({ change: undone.id, author: who, act: act.id });
    await decide(undone.id, {
      id: '',
      who: who === 'ann' ? 'bob' : 'ann',
      afterMs: 0,
      what: 'approve',
    });
  };

  const release = async (id: string, who: Name): Promise<void> => {
    await look(who, id, (state) => state === 'approved' || isTerminal(state));
    await insist(() => as(who).applyChange({ id }, { timeoutMs: CALL_MS }));
  };

  const propose = async (act: ChangeAct): Promise<void> => {
    await life.clock.sleep(act.atMs);
    const { who, keyed, forced, packages, host, held } = act;
    const input = {
      kind: packages.length === 0 ? ('packages.repair' as const) : ('packages.update' as const),
      target: { host },
      ...(held ? { hold: true } : {}),
      intent: {
        packages: [...packages],
        ...(forced ? { requires_approval: true } : {}),
      },
    };
    const call = keyed ? { idempotencyKey: act.id, timeoutMs: CALL_MS } : { timeoutMs: CALL_MS };
    const change = await insist(() => as(who).proposeChange(input, call), keyed ? TRIES : 1);
    if (!change) return;
    heard.acknowledged.push({ change: change.id, author: who, act: act.id });
    const rest = act.decisions.map((decision) => decide(change.id, decision));
    if (held) rest.push(release(change.id, who));
    if (act.revert) rest.push(undo(change.id, act.revert));
    await Promise.all(rest);
  };

  /** Goes on until it is off again: a history does not end frozen. */
  const freeze = async ({ atMs, forMs }: FreezeAct): Promise<void> => {
    await life.clock.sleep(atMs);
    const call = { timeoutMs: CALL_MS };
    const on = await insist(() => as('eve').freeze({ reason: 'drill' }, call));
    if (on?.on) heard.frozen.push(scheduler.now());
    await life.clock.sleep(forMs);
    while (!(await insist(() => as('ann').unfreeze({}, call)))) await life.clock.sleep(1_000);
  };

  const follow = (name: string, act: Promise<void>): void => {
    open += 1;
    act
      .catch((error: unknown) => {
        if (!isHoldfastError(error)) options.onUnexpected(name, error);
      })
      .finally(() => (open -= 1));
  };
  for (const act of scenario.changes) follow(act.id, propose(act));
  for (const act of scenario.freezes) follow(act.id, freeze(act));
  for (const { id, atMs, host, name, version } of scenario.drifts)
    follow(
      id,
      life.clock.sleep(atMs).then(() => options.drift(host, name, version)),
    );

  const thaw = async (): Promise<void> => {
    const call = { timeoutMs: CALL_MS };
    while (!(await insist(() => as('ann').unfreeze({}, call)))) await life.clock.sleep(1_000);
  };
  return {
    heard,
    open: () => open,
    thaw: () => follow('thaw', thaw()),
    hear(change, state) {
      states.set(change, state);
      for (const listen of listeners.get(change) ?? []) listen();
    },
  };
};
