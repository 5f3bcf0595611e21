import {
  packageOperationSchema,
  type PackageDriver,
  type StepAction,
  type StepResult,
} from '@holdfast/contracts';
import * as z from 'zod';

/** How much of a step was left to do when it was taken up again. */
export interface StepOutlook {
  readonly operations: number;
  readonly outstanding: number;
}

const paramsSchema = z.object({
  environment: z.string(),
  operations: z.array(packageOperationSchema),
});

const MAX_DETAIL = 4000;

/** Looks at an environment before a step is carried on; undefined when it cannot be read. */
export const outstandingOf = async (
  driver: PackageDriver,
  action: StepAction,
): Promise<StepOutlook | undefined> => {
  const params = paramsSchema.safeParse(action.params);
  if (!params.success) return undefined;
  const { environment, operations } = params.data;
  const place = { path: environment, managers: [driver.id] };
  const found = await driver.inventory(place).catch(() => undefined);
  if (found?.coverage.status !== 'complete') return undefined;
  const outstanding = operations.filter(
    ({ package: name, to }) => (found.packages[name] ?? null) !== to,
  );
  return { operations: operations.length, outstanding: outstanding.length };
};

const wordsFor = (outlook: StepOutlook | undefined): string => {
  if (!outlook) return 'the agent was restarted in the middle of it; carried out again';
  const { operations, outstanding } = outlook;
  if (outstanding === 0) return 'the agent was restarted; it had been finished before';
  const missing = outstanding === operations ? 'all' : `${outstanding} of ${operations}`;
  return `the agent was restarted in the middle of it; ${missing} had to be done again`;
};

/** Says that a result belongs to a step that was taken up again, and what that meant. */
export const describeResumption = (
  result: StepResult,
  outlook: StepOutlook | undefined,
): StepResult => ({
  ...result,
  resumed: true,
  detail: `${wordsFor(outlook)}: ${result.detail}`.slice(0, MAX_DETAIL),
});
