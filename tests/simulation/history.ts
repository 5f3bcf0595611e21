import { createDraws } from './core/draws.ts';
import { createLife } from './core/life.ts';
import { createScheduler } from './core/scheduler.ts';
import { enter, leave } from './core/virtual-globals.ts';
import { checkEffect, checkOrder } from './checks/check-effect.ts';
import { checkHistory, type Stores } from './checks/check-history.ts';
import { changesOf, newEvidence } from './checks/evidence.ts';
import { createKernelSlot, type KernelSlot } from './net/kernel-slot.ts';
import { createWire, type Server } from './net/wire.ts';
import { isStoreError, type Statement } from '@holdfast/store';
import type { ChangeState, Event } from '@holdfast/contracts';
import { startOperators } from './world/operators.ts';
import { createEventDoubles, createPolicyDouble } from './world/doubles.ts';
import { createSimOwner } from './world/owner.ts';
import { actIds, createScenario, createWeather, extentOf, type Length } from './world/scenario.ts';
import type { Machinery } from './machinery.ts';

export interface HistoryOptions {
  readonly seed: number;
  /** As the seed says unless told. */
  readonly length?: Length | undefined;
  /** Faults and acts that do not happen, by name. */
  readonly leftOut?: ReadonlySet<string>;
  readonly trace?: (line: string) => void;
}

export interface HistoryResult {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly struck: readonly string[];
  readonly acts: readonly string[];
  readonly events: number;
  readonly changes: number;
  /** Steps that were carried out. */
  readonly effects: number;
  readonly virtualMs: number;
}

const START = Date.UTC(2026, 0, 1);
const SHORTEST_ROUGH_MS = 1_000;
const ROUGH_MS = 30_000;
const BRIEF_ROUGH_MS = 10_000;
const CALM_MS = 3_600_000;
const MOST_EVENTS = 15_000;
/** How far the clock of a second engine is ahead. */
const CLOCKS_AHEAD_MS = [0, 0, 20_000, -20_000];
/** A process that is alone is ended and replaced when it says nothing for longer. */
const LONE_PAUSE_MS = 8_000;
const IDLE_MS = 400;

/** Runs one history to its end and checks it. Everything that happens depends on the seed and on what is left out. */
export const runHistory = async (
  machinery: Machinery,
  { seed, length: wanted, leftOut = new Set<string>(), trace }: HistoryOptions,
): Promise<HistoryResult> => {
  const { length, faults, hasLedger } = extentOf(seed, wanted);
  const isBrief = length === 'brief';
  const draws = createDraws(seed, leftOut, faults);
  const scheduler = createScheduler(
    START,
    trace &&
      ((at, who, label) =>
        trace(`${(at - START).toFixed(3).padStart(12)} ${who || '-'}: ${label}`)),
  );
  const say = trace && ((words: string) => trace(`${' '.repeat(12)} ${words}`));
  const weather = createWeather(draws, length);
  const scenario = createScenario(draws, length, leftOut);
  const record = newEvidence();
  const { rows } = machinery;
  const dice = draws.site('dice');
  enter({
    scheduler,
    random: () => dice.draw(),
    uncaught(error) {
      // A process leaves when nobody caught a failure, and is started again.
      say?.(`nobody caught ${String(error)}`);
      if (!isStoreError(error) || error.retry === 'never') unexpected('nobody caught', error);
      scheduler.last()?.end();
    },
  });
  machinery.reset(new Date(START).toISOString());

  const unexpected = (where: string, error: unknown): void => {
    const { message, stack } = error as Error;
    say?.(`unexpected: ${where}: ${stack}`);
    record.problems.push(`${where}: unexpected ${message}`);
  };
  let ids = 0;
  const newId = (prefix: string): string =>
    `${prefix}_${Math.floor(scheduler.now()).toString(16)}${String((ids += 1)).padStart(6, '0')}`;

  const slots = new Map<string, KernelSlot[]>();
  const routing = draws.site('routing');
  const find = (kernel: string): Server | undefined => {
    if (kernel === 'infrastructure_manager') return owner.current();
    if (kernel === 'policy_engine') return policy;
    if (doubles && kernel === 'message_bus') return doubles.bus;
    if (doubles && kernel === 'immutable_log') return doubles.ledger;
    const places = slots.get(kernel) ?? [];
    return routing.pick(places)?.current();
  };
  const wire = createWire({
    scheduler,
    draws,
    weather,
    find,
    onUnexpected: (kernel, name, error) => unexpected(`${kernel}.${name}`, error),
    onCall(_, name, input) {
      if (name !== 'applyStep') return;
      const { run, step } = input as { run: string; step: string };
      record.handedOut.push({ at: scheduler.now(), id: `${run}/${step}` });
    },
    trace: say,
  });

  const stores: Stores = rows;
  const policy = createPolicyDouble(scheduler, draws, weather);
  const doubles = hasLedger ? undefined : createEventDoubles(scheduler, draws, weather);
  const owner = createSimOwner({
    scheduler,
    draws,
    weather,
    isBrief,
    onEffect(effect) {
      record.effects.push(effect);
      checkEffect(stores, effect, record);
    },
    onOrder: (run, step) => checkOrder(stores, run, step, record),
    beforeEffect(run, host) {
      if (!record.before.has(run)) record.before.set(run, owner.installedOn(host));
    },
    trace: say,
  });

  const written =
    (kernel: string) =>
    (statements: readonly Statement[]): void => {
      for (const { sql, params } of statements) {
        if (sql.startsWith('INSERT INTO outbox')) {
          const event = JSON.parse(String(params![2])) as Event;
          record.announced.push({ kernel, at: scheduler.now(), event });
          const { change, to, target } = event.data as Record<string, unknown>;
          if (to === undefined || event.correlationid !== change) continue;
          record.after.set(String(change), owner.installedOn((target as { host: string }).host));
          operators.hear(String(change), to as ChangeState);
        } else if (sql.includes('kill_switch'))
          record.switched.push({
            at: scheduler.now(),
            on: sql.startsWith('INSERT'),
          });
      }
    };

  const { engines } = scenario.settings;
  const clocks = draws.site('clocks');
  for (const { definition, name, store, longestPauseMs, number } of machinery.kernels) {
    if (number > engines || (doubles && (store === 'bus' || store === 'ledger'))) continue;
    const slot = createKernelSlot({
      definition,
      name,
      rows: rows[store],
      scheduler,
      draws,
      weather,
      profile: machinery.profileFor(scenario.settings),
      clockAheadMs: number > 1 ? clocks.pick(CLOCKS_AHEAD_MS) : 0,
      longestPauseMs: store === 'workflow' && engines === 1 ? LONE_PAUSE_MS : longestPauseMs,
      shared: engines > 1,
      wire: () => wire,
      newId,
      onWritten: written(definition.id),
      onUnexpected: unexpected,
      trace: say,
    });
    slots.set(definition.id, [...(slots.get(definition.id) ?? []), slot]);
  }

  const people = createLife({
    name: 'people',
    scheduler,
    draws,
    weather,
    longestPauseMs: 0,
    mortal: false,
  });
  const operators = startOperators({
    scenario,
    life: people,
    scheduler,
    draws,
    wire,
    drift(host, name, version) {
      record.drifted.add(host);
      owner.drift(host, name, version);
    },
    onUnexpected: unexpected,
  });
  record.heard = operators.heard;

  const isSettled = (): boolean => {
    if (operators.open() > 0) return false;
    const serving = [...slots.values()].flat().every((slot) => slot.current()?.ready);
    if (!serving) return false;
    const { governance, workflow, bus, ledger } = rows;
    if (governance.read('SELECT id FROM changes WHERE open = 1 LIMIT 1').length > 0) return false;
    if (
      workflow.read('SELECT id FROM runs WHERE open = 1 OR reported < journal LIMIT 1').length > 0
    )
      return false;
    for (const each of [governance, workflow])
      if (each.read('SELECT seq FROM outbox LIMIT 1').length > 0) return false;
    if (doubles) return true;
    const [last] = bus.read('SELECT COUNT(*) AS n FROM events');
    const [entries] = ledger.read('SELECT COUNT(*) AS n FROM entries');
    return last!['n'] === entries!['n'];
  };

  let calm = false;
  const roughMs =
    SHORTEST_ROUGH_MS + draws.site('calm').draw() ** 2 * (isBrief ? BRIEF_ROUGH_MS : ROUGH_MS);
  const enough = (): boolean => {
    const now = scheduler.now() - START;
    if (!calm && now > roughMs) {
      calm = true;
      draws.calm();
    }
    const isOn = record.switched.at(-1)?.on === true;
    if (calm && isOn && operators.open() === 0) operators.thaw();
    if (scheduler.count() > MOST_EVENTS || now > CALM_MS) return true;
    return calm && scheduler.nextAt() - scheduler.now() > IDLE_MS && isSettled();
  };

  try {
    await scheduler.run(enough);
    if (!isSettled())
      record.problems.push(
        `it came to no rest in ${Math.round(scheduler.now() - START)} ms and ${scheduler.count()} events`,
      );
    checkHistory(stores, record, doubles?.arrived);
    if (!doubles) await machinery.verifyLedger(rows.ledger, say);
  } catch (error) {
    record.problems.push(`the history broke: ${(error as Error).stack}`);
  } finally {
    leave();
  }
  return {
    seed,
    problems: [...new Set(record.problems)],
    struck: draws.struck,
    acts: actIds(scenario),
    events: scheduler.count(),
    changes: changesOf(rows.governance).length,
    effects: record.effects.length,
    virtualMs: scheduler.now() - START,
  };
};
