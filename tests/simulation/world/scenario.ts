import type { Draws, Site } from '../core/draws.ts';
import type { Weather } from '../core/life.ts';
import { BOT, PEOPLE, SECOND_SELF, type Name } from './people.ts';
import { ALIAS, HOSTS, PACKAGES, VERSIONS } from './hosts.ts';

export interface DecisionAct {
  readonly id: string;
  readonly who: Name;
  /** After the proposal was acknowledged. */
  readonly afterMs: number;
  readonly what:
    'approve' | 'approve another plan' | 'challenge' | 'withdraw' | 'reject' | 'cancel';
}

export interface ChangeAct {
  readonly id: string;
  readonly atMs: number;
  readonly who: Name;
  readonly host: string;
  /** `name==version`; empty: a repair. */
  readonly packages: readonly string[];
  readonly forced: boolean;
  readonly keyed: boolean;
  /** It is applied only when its author says so. */
  readonly held: boolean;
  readonly decisions: readonly DecisionAct[];
  readonly revert:
    { readonly id: string; readonly who: Name; readonly afterMs: number } | undefined;
}

export interface FreezeAct {
  readonly id: string;
  readonly atMs: number;
  readonly forMs: number;
}

export interface DriftAct {
  readonly id: string;
  readonly atMs: number;
  readonly host: string;
  readonly name: string;
  readonly version: string;
}

/** What people, an AI agent and the world do in a history, whatever becomes of it. */
export interface Scenario {
  readonly changes: readonly ChangeAct[];
  readonly freezes: readonly FreezeAct[];
  readonly drifts: readonly DriftAct[];
  readonly settings: {
    readonly approvalsNeeded: number;
    readonly approvalFromRisk: 'medium' | 'high';
    readonly watchMs: number;
    readonly delayMs: number;
    readonly engines: number;
    readonly ttlS: number;
    readonly maxOpen: number;
    readonly parallel: number;
  };
}

const SPAN_MS = 1_500;

const decisionsOf = (site: Site, id: string): DecisionAct[] =>
  Array.from({ length: [0, 1, 1, 2, 2, 3][site.below(6)]! }, (_, index) => ({
    id: `${id} decision ${index + 1}`,
    who: site.pick([...PEOPLE, ...PEOPLE, SECOND_SELF, BOT] as Name[]),
    afterMs: site.draw() ** 2 * SPAN_MS,
    what: site.pick([
      'approve',
      'approve',
      'approve',
      'approve',
      'approve another plan',
      'challenge',
      'withdraw',
      'reject',
      'cancel',
    ] as const),
  }));

const changeOf = (site: Site, index: number): ChangeAct => {
  const id = `change ${index + 1}`;
  const wanted = PACKAGES.filter(() => site.chance(0.45)).map(
    (name) => `${name}==${site.pick(VERSIONS)}`,
  );
  return {
    id,
    atMs: index === 0 ? 0 : site.draw() * SPAN_MS,
    who: site.pick(['ann', 'ann', 'bob', BOT] as Name[]),
    host: site.pick([HOSTS[0], HOSTS[0], HOSTS[1], ALIAS]),
    packages: site.chance(0.4) ? [] : wanted,
    forced: site.chance(0.3),
    keyed: site.chance(0.8),
    held: site.chance(0.1),
    decisions: decisionsOf(site, id),
    revert: site.chance(0.25)
      ? {
          id: `${id} revert`,
          who: site.pick(PEOPLE),
          afterMs: site.draw() * SPAN_MS,
        }
      : undefined,
  };
};

/** `leftOut`: ids of acts that do not happen. */
export const createScenario = (draws: Draws, leftOut: ReadonlySet<string>): Scenario => {
  const site = draws.site('scenario');
  const count = [1, 1, 1, 1, 1, 1, 2, 2, 2, 3][site.below(10)]!;
  const changes = Array.from({ length: count }, (_, index) => changeOf(site, index));
  const freezes = Array.from({ length: site.chance(0.25) ? 1 + site.below(2) : 0 }, (_, index) => ({
    id: `freeze ${index + 1}`,
    atMs: site.draw() ** 2 * SPAN_MS,
    forMs: site.draw() ** 2 * 10_000,
  }));
  const drifts = Array.from({ length: site.chance(0.2) ? 1 : 0 }, (_, index) => ({
    id: `drift ${index + 1}`,
    atMs: site.draw() ** 2 * SPAN_MS,
    host: site.pick(HOSTS),
    name: site.pick(PACKAGES),
    version: site.pick(VERSIONS),
  }));
  const settings = {
    approvalsNeeded: site.pick([1, 1, 2]),
    approvalFromRisk: site.pick(['medium', 'high'] as const),
    watchMs: site.pick([0, 0, 500]),
    delayMs: site.pick([0, 0, 0, 700]),
    engines: site.pick([1, 1, 2]),
    ttlS: site.pick([6, 6, 6, 40]),
    maxOpen: site.pick([1, 2, 20]),
    parallel: site.pick([1, 2]),
  };
  const isIn = ({ id }: { id: string }): boolean => !leftOut.has(id);
  return {
    changes: changes.filter(isIn).map((change) => ({
      ...change,
      decisions: change.decisions.filter(isIn),
      revert: change.revert && isIn(change.revert) ? change.revert : undefined,
    })),
    freezes: freezes.filter(isIn),
    drifts: drifts.filter(isIn),
    settings,
  };
};

export const actIds = ({ changes, freezes, drifts }: Scenario): string[] => [
  ...changes.flatMap(({ id, decisions, revert }) => [
    id,
    ...decisions.map((decision) => decision.id),
    ...(revert ? [revert.id] : []),
  ]),
  ...freezes.map(({ id }) => id),
  ...drifts.map(({ id }) => id),
];

/** Some histories are calm in one respect and rough in another: what matters is often one fault alone. */
export const createWeather = (draws: Draws): Weather => {
  const site = draws.site('weather');
  const some = (rates: readonly number[]): number => site.pick(rates);
  return {
    crash: some([0, 0, 0.002, 0.006, 0.02]),
    pause: some([0, 0, 0.003, 0.01]),
    lose: some([0, 0, 0.01, 0.05]),
    duplicate: some([0, 0, 0.05]),
    delay: some([0, 0, 0.01, 0.03]),
    slowDisk: some([0, 0, 0, 0.01]),
    failDisk: some([0, 0, 0, 0.01, 0.03]),
    unknownDisk: some([0, 0, 0, 0.01]),
  };
};
