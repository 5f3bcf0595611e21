import type { Change, PlanStep, StepAction } from '@holdfast/contracts';

interface Operation {
  readonly package: string;
  readonly from: string | null;
  readonly to: string | null;
}

const operationsOf = ({ params }: StepAction): Operation[] =>
  Array.isArray(params['operations']) ? (params['operations'] as Operation[]) : [];

const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

/** Where two values differ, by dotted path; lists count as one value. */
const differences = (before: unknown, after: unknown, path = ''): string[] => {
  const isMap = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
    return keys.flatMap((key) =>
      differences(before[key], after[key], path === '' ? key : `${path}.${key}`),
    );
  }
  if (show(before) === show(after)) return [];
  const minus = before === undefined ? [] : [`- ${path}: ${show(before)}`];
  const plus = after === undefined ? [] : [`+ ${path}: ${show(after)}`];
  return [...minus, ...plus];
};

const packageLines = (operations: readonly Operation[]): string[] =>
  operations.flatMap(({ package: name, from, to }) => [
    ...(from === null ? [] : [`- ${name} ${from}`]),
    ...(to === null ? [] : [`+ ${name} ${to}`]),
  ]);

const stepLines = (step: PlanStep): string[] => {
  const operations = operationsOf(step.do);
  if (operations.length > 0) return packageLines(operations);
  if (step.inverse === null) return [`+ ${step.do.action} ${show(step.do.params)}`];
  return differences(step.inverse.params, step.do.params);
};

/** What a plan would change, as lines of before (-) and after (+) under each step. */
export const changeDiff = ({ plan }: Pick<Change, 'plan'>): string[] =>
  (plan?.steps ?? []).flatMap((step) => [
    `@ ${step.key}: ${step.summary}`,
    ...stepLines(step).map((line) => `  ${line}`),
    ...(step.inverse === null ? ['  ! it cannot be undone'] : []),
  ]);
