import type {
  Declarer,
  PackageManager,
  PackageOperation,
  PlanStep,
  StepAction,
} from '@holdfast/contracts';
import type { DeclaredEntry } from '../baseline/stored-baseline.ts';
import { effectOf, type JudgedOperation } from './step-effect.ts';

export const PACKAGE_ACTION = 'packages.apply';
const SHOWN_OPERATIONS = 8;
const MAX_KEY = 100;
const MAX_SUMMARY = 1000;

/** Everything that one manager has to do in one environment. */
export interface StepGroup {
  readonly manager: PackageManager;
  readonly environment: string;
  readonly operations: readonly JudgedOperation[];
  /** Install options; part of the plan, because they decide where packages come from. */
  readonly options: readonly string[];
  /** Baseline entries of this manager and environment. */
  readonly entries: readonly DeclaredEntry[];
  /** Who declared them; undefined without a baseline. */
  readonly declarer: Declarer | undefined;
  /** Only the baseline was asked for. */
  readonly repair: boolean;
}

const separatorOf = (manager: PackageManager): string => (manager === 'pip' ? '==' : '@');

const phrase = (manager: PackageManager, verb: string, names: readonly string[]): string => {
  const shown = names.slice(0, SHOWN_OPERATIONS).join(', ');
  const rest = names.length - SHOWN_OPERATIONS;
  return `${manager} ${verb} ${shown}${rest > 0 ? ` and ${rest} more` : ''}`;
};

/** In words, as the commands would be typed: `pip install six==1.16.0 (now 1.15.0)`. */
export const summarize = (
  manager: PackageManager,
  operations: readonly PackageOperation[],
): string => {
  const now = ({ from }: PackageOperation): string => `(now ${from ?? 'not installed'})`;
  const installs = operations.filter(({ to }) => to !== null);
  const removals = operations.filter(({ to }) => to === null);
  const parts = [
    ...(installs.length === 0
      ? []
      : [
          phrase(
            manager,
            'install',
            installs.map((one) => `${one.package}${separatorOf(manager)}${one.to} ${now(one)}`),
          ),
        ]),
    ...(removals.length === 0
      ? []
      : [
          phrase(
            manager,
            'uninstall',
            removals.map((one) => `${one.package} ${now(one)}`),
          ),
        ]),
  ];
  return parts.join('; ');
};

const swap = ({ package: name, from, to }: PackageOperation): PackageOperation => ({
  package: name,
  from: to,
  to: from,
});

const actionOf = (group: StepGroup, operations: readonly PackageOperation[]): StepAction => ({
  driver: group.manager,
  action: PACKAGE_ACTION,
  params: {
    environment: group.environment,
    operations: operations.map(({ package: name, from, to }) => ({ package: name, from, to })),
    options: [...group.options],
  },
});

const stepOf = (
  group: StepGroup,
  name: string,
  operations: JudgedOperation[],
  place: string,
): PlanStep => {
  const back = operations.map(swap).toReversed();
  const effect = effectOf(operations, group.manager, group.entries, group.repair);
  const words = (some: readonly PackageOperation[]): string =>
    `${summarize(group.manager, some)}${place}`.slice(0, MAX_SUMMARY);
  return {
    key: name.slice(0, MAX_KEY),
    summary: words(operations),
    do: actionOf(group, operations),
    inverse: actionOf(group, back),
    inverse_summary: words(back),
    effect: {
      ...effect,
      ...(effect.toward_baseline ? group.declarer : {}),
    },
  };
};

/** pip moves one package a step, so that each has its own inverse; npm computes one tree for all of them. */
export const stepsOf = (groups: readonly StepGroup[]): PlanStep[] => {
  const isAmbiguous = ({ manager }: StepGroup): boolean =>
    groups.filter((other) => other.manager === manager).length > 1;
  const parts = groups.flatMap((group) =>
    group.manager === 'npm'
      ? [{ group, label: 'npm', operations: [...group.operations] }]
      : group.operations.map((operation) => ({
          group,
          label: `${group.manager}.${operation.package}`,
          operations: [operation],
        })),
  );
  return parts
    .filter(({ operations }) => operations.length > 0)
    .map(({ group, label, operations }, index) =>
      stepOf(
        group,
        `${index + 1}.${label}`,
        operations,
        isAmbiguous(group) ? ` in ${group.environment}` : '',
      ),
    );
};
