import { createDraws, type Draws, type Site } from '../core/draws.ts';
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

/** Most histories are brief: one change and one or two faults. Long ones have more of everything. */
export type Length = 'brief' | 'long';

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
/** How many of the undos of a long history a brief one has. */
const BRIEF_UNDONE = 0.35;

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

/** A change of one package, which is seldom undone. */
const briefly = (change: ChangeAct, site: Site): ChangeAct => ({
  ...change,
  packages: change.packages.slice(0, 1),
  revert: site.chance(BRIEF_UNDONE) ? change.revert : undefined,
});

/** `brief`: one change. `leftOut`: ids of acts that do not happen. */
export const createScenario = (
  draws: Draws,
  length: Length,
  leftOut: ReadonlySet<string>,
): Scenario => {
  const site = draws.site('scenario');
  const isBrief = length === 'brief';
  const count = [1, 1, 1, 1, 1, 1, 2, 2, 2, 3][site.below(10)]!;
  const all = Array.from({ length: count }, (_, index) => changeOf(site, index));
  const changes = isBrief ? all.slice(0, 1).map((change) => briefly(change, site)) : all;
  const isDrill = site.chance(0.25);
  const freezes = Array.from({ length: isDrill ? 1 + site.below(2) : 0 }, (_, index) => ({
    id: `freeze ${index + 1}`,
    // The one change of a brief history has to meet it.
    atMs: (site.draw() ** 2 * SPAN_MS) / (isBrief ? 3 : 1),
    forMs: (isBrief ? 2_000 : 0) + site.draw() ** 2 * 10_000,
  }));
  const drifts = Array.from({ length: site.chance(isBrief ? 0.1 : 0.2) ? 1 : 0 }, (_, index) => ({
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

const BRIEF = 0.9;
const MOST_FAULTS = [1, 2, 2, 3];
/** How many of the brief histories have neither bus nor ledger: a third of the work of a change is theirs. */
const WITHOUT_LEDGER = 0.65;

/** The extent of a history. */
export interface Extent {
  readonly length: Length;
  /** How many faults may strike in it. */
  readonly faults: number;
  readonly hasLedger: boolean;
}

/** Of the history of this seed, where its length is not told. */
export const extentOf = (seed: number, told?: Length): Extent => {
  const site = createDraws(seed).site('length');
  const drawn = site.chance(BRIEF) ? 'brief' : 'long';
  const faults = site.pick(MOST_FAULTS);
  const isAlone = site.chance(WITHOUT_LEDGER);
  if ((told ?? drawn) === 'long') return { length: 'long', faults: Infinity, hasLedger: true };
  return { length: 'brief', faults, hasLedger: !isAlone };
};

/** Some histories are calm in one respect and rough in another: what matters is often one fault alone. */
export const createWeather = (draws: Draws, length: Length): Weather => {
  const site = draws.site('weather');
  const some = (rates: readonly number[]): number => site.pick(rates);
  const weather = {
    crash: some([0, 0, 0.002, 0.006, 0.02]),
    pause: some([0, 0, 0.003, 0.01]),
    lose: some([0, 0, 0.01, 0.05]),
    duplicate: some([0, 0, 0.05]),
    delay: some([0, 0, 0.01, 0.03]),
    slowDisk: some([0, 0, 0, 0.01]),
    failDisk: some([0, 0, 0, 0.01, 0.03]),
    unknownDisk: some([0, 0, 0, 0.01]),
  };
  if (length === 'long') return weather;
  // One kind of fault, at the rate at which one or two strike a change on its way.
  const kind = site.pick(Object.keys(weather) as (keyof Weather)[]);
  const calm = Object.fromEntries(Object.keys(weather).map((name) => [name, 0]));
  return { ...calm, [kind]: 0.02 } as unknown as Weather;
};
