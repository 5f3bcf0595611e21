import { HoldfastError, type changeDriverOps } from '@holdfast/contracts';
import type { Handler } from '@holdfast/sdk';
import type { LocalDriver, Parts } from './context.ts';
import { localDriverOf } from './owners.ts';

type DriverOps = typeof changeDriverOps;
type DriverHandlers = { readonly [K in keyof DriverOps]: Handler<DriverOps[K]> };

/** The change driver operations of this kernel: each goes to the driver of the target. */
export const ownDriverHandlers = (parts: Parts): DriverHandlers => {
  const driverOf = (target: Readonly<Record<string, string>>): LocalDriver => {
    const driver = localDriverOf(parts, target);
    if (driver) return driver;
    throw new HoldfastError('change_kind_unknown', { kind: Object.keys(target).join(' ') });
  };
  return {
    planChange: async (input, call) => driverOf(input.target).planChange(input, call),
    verifyPlan: async (input, call) => driverOf(input.plan.target).verifyPlan(input, call),
    applyStep: async (input, call) => driverOf(input.target).applyStep(input, call),
    sampleSignals: async (input, call) => driverOf(input.plan.target).sampleSignals(input, call),
    observeChange: async (input, call) => driverOf(input.plan.target).observeChange(input, call),
  };
};
