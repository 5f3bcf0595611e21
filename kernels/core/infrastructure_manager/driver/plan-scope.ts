import {
  HoldfastError,
  packageManagerSchema,
  packageOperationSchema,
  type Environment,
  type PackageOperation,
  type Plan,
  type PlanStep,
} from '@holdfast/contracts';
import * as z from 'zod';
import { digestOf, inventoryDigest } from '../digest.ts';
import type { InventoryScope } from '../inventory/inventory-store.ts';
import type { ScanOutcome } from '../scan/scan-host.ts';

const paramsSchema = z.object({
  environment: z.string(),
  operations: z.array(packageOperationSchema),
});

/** What a step of a plan is about. */
export interface StepScope extends InventoryScope {
  readonly key: string;
  readonly operations: readonly PackageOperation[];
}

/** Throws plan_failed for a step that is no package step. */
export const scopeOf = (step: PlanStep): StepScope => {
  const manager = packageManagerSchema.safeParse(step.do.driver);
  const params = paramsSchema.safeParse(step.do.params);
  if (!manager.success || !params.success)
    throw new HoldfastError('plan_failed', { detail: `step ${step.key} is no package step` });
  return { key: step.key, manager: manager.data, ...params.data };
};

/** The package steps of a plan. What the workflow engine carries out itself is about no package. */
export const scopesOf = (plan: Pick<Plan, 'steps'>): StepScope[] => packageSteps(plan).map(scopeOf);

export const packageSteps = ({ steps }: Pick<Plan, 'steps'>): PlanStep[] =>
  steps.filter((step) => step.do.driver !== 'workflow');

/** The environments that the steps of a plan touch, with their managers. */
export const environmentsOf = (scopes: readonly InventoryScope[]): Environment[] => {
  const paths = [...new Set(scopes.map(({ environment }) => environment))];
  return paths.map((path) => ({
    path,
    managers: [
      ...new Set(scopes.filter((one) => one.environment === path).map(({ manager }) => manager)),
    ],
  }));
};

/** The host that a plan or request is for. Throws plan_failed when it names none. */
export const hostOfTarget = (target: Plan['target']): string => {
  const host = target['host'];
  if (host === undefined) throw new HoldfastError('plan_failed', { detail: 'target: no host' });
  return host;
};

/**
 * Names the state of the world that a plan depends on: the baseline and the inventories of the scopes that it
 * touches. Anything else on the host may move without making the plan stale.
 */
export const worldRevision = (scan: ScanOutcome, scopes: readonly InventoryScope[]): string => {
  const concerned = scan.inventories.filter((inventory) =>
    scopes.some(
      (scope) => scope.manager === inventory.manager && scope.environment === inventory.environment,
    ),
  );
  const revision = scan.baseline && [scan.baseline.revision, scan.baseline.digest];
  return digestOf([revision ?? null, concerned.map(inventoryDigest).toSorted()]);
};
