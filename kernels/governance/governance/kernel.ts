import { governanceApi } from '@holdfast/contracts';
import { createIdempotency, defineKernel } from '@holdfast/sdk';
import { createChangeStore } from './change-store.ts';
import { governanceConfig } from './config.ts';
import { governanceNeeds, type Parts } from './context.ts';
import { decisionHandlers } from './decision-handlers.ts';
import { createEngine, type Engine } from './engine.ts';
import { createKillSwitch } from './kill-switch.ts';
import { migrations } from './migrations.ts';
import { proposeHandlers } from './propose-handlers.ts';
import { readHandlers } from './read-changes.ts';
import { takeReport } from './run-reports.ts';
import { proposeUndo } from './undo.ts';

/** Owns changes: what is proposed, what the gate says about it, who approved it, how it ended. And the kill switch. */
export const governance = defineKernel({
  id: 'governance',
  api: governanceApi,
  config: governanceConfig,
  needs: governanceNeeds,
  subscribes: [],
  migrations,
  async init(context) {
    let engine: Engine | undefined;
    const parts: Parts = {
      context,
      changes: createChangeStore(context),
      killSwitch: createKillSwitch(context),
      idempotency: createIdempotency(context.store, context.clock),
      kick: (change) => engine?.kick(change),
    };
    const { killSwitch } = parts;
    const running = createEngine(parts);
    engine = running;
    return {
      handlers: {
        ...proposeHandlers(parts),
        ...readHandlers(parts),
        ...decisionHandlers(parts),
        revertChange: async ({ id }, call) => proposeUndo(parts, id, call),
        getFreeze: async () => killSwitch.read(),
        freeze: async ({ reason }, call) => killSwitch.turnOn(reason, call.principal.id),
        async unfreeze(_, call) {
          const freeze = await killSwitch.turnOff(call.principal.id);
          running.resume();
          return freeze;
        },
        reportRun: async (report) => takeReport(parts, report),
      },
      start: () => running.resume(),
      stop: async () => running.ended(),
    };
  },
});
