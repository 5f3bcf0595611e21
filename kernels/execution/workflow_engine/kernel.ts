import { checkPlanHash } from '@holdfast/change';
import { HoldfastError, workflowApi, type Plan } from '@holdfast/contracts';
import { createLedgerKey, defineKernel, ledgerKeyMigration } from '@holdfast/sdk';
import { createClearancesAhead } from './clearances-ahead.ts';
import { workflowConfig } from './config.ts';
import { workflowNeeds, type Parts } from './context.ts';
import { createEngine, type Engine } from './engine.ts';
import { createLeases } from './leases.ts';
import { migrations } from './migrations.ts';
import { newRun } from './run-record.ts';
import { createRunStore } from './run-store.ts';
import { firstIntent } from './run-step.ts';
import { createSlots } from './slots.ts';
import { checkStepKeys } from './step-retry.ts';

const checkPlan = (id: string, plan: Plan): void => {
  checkPlanHash(plan);
  if (plan.change !== id)
    throw new HoldfastError('invalid_input', { detail: `the plan is of change ${plan.change}` });
  checkStepKeys(plan);
};

/** Carries out approved plans, step by step, so that a crash at any moment neither loses nor repeats a step. */
export const workflowEngine = defineKernel({
  id: 'workflow_engine',
  api: workflowApi,
  config: workflowConfig,
  needs: workflowNeeds,
  subscribes: [],
  migrations: [ledgerKeyMigration, ...migrations],
  sharesStore: true,
  async init(context) {
    let engine: Engine | undefined;
    const leases = createLeases(context);
    const runs = createRunStore(context, leases, (id) => engine?.kickReport(id));
    const slots = createSlots(context.config.max_parallel_steps);
    const ledgerKey = createLedgerKey(context);
    const clearances = createClearancesAhead(context);
    const parts: Parts = { context, runs, leases, slots, clearances, ledgerKey };
    const running = createEngine(parts);
    engine = running;
    return {
      handlers: {
        async startRun({ id, plan, baseline_ms, watch_ms, reverts = null }) {
          checkPlan(id, plan);
          clearances.ask(id);
          const terms = { baseline_ms, watch_ms, reverts };
          const born = newRun(id, plan, terms, context.clock.iso());
          const { run } = await runs.insert(born, firstIntent(parts, born));
          if (run.plan_hash !== plan.hash)
            throw new HoldfastError('plan_hash_mismatch', {
              got: plan.hash,
              expected: run.plan_hash,
            });
          running.kick(id);
          return run;
        },
        async getRun({ id }) {
          const record = await runs.find(id);
          if (!record) throw new HoldfastError('not_found', { what: `run ${id}` });
          return record.run;
        },
        listRuns: async ({ limit, cursor }) => runs.page(limit, cursor),
      },
      busy: () => (leases.count() > 0 ? 'runs are under way' : undefined),
      start: () => running.resume(),
      stop: async () => running.ended(),
    };
  },
});
