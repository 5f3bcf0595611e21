import { governanceApi } from '@holdfast/contracts';
import {
  createIdempotency,
  createLedgerKey,
  defineKernel,
  fenceMigration,
  ledgerKeyMigration,
} from '@holdfast/sdk';
import { createChangeStore } from './change-store.ts';
import { governanceConfig } from './config.ts';
import { governanceNeeds, type LocalDriver, type Parts } from './context.ts';
import { approveHandlers } from './decisions/approve-handlers.ts';
import { createLookAgain } from './decisions/look-again.ts';
import { stepApprovalHandlers } from './decisions/step-approval.ts';
import { stopHandlers } from './decisions/stop-handlers.ts';
import { createEngine, type Engine } from './engine.ts';
import { clearanceOf } from './freezes/clearance.ts';
import { freezeHandlers } from './freezes/freeze-handlers.ts';
import { createKillSwitch } from './freezes/kill-switch.ts';
import { createScopedFreezes } from './freezes/scoped-freezes.ts';
import { identityMigrations } from './identity/identity-migrations.ts';
import { createHosts } from './hosts.ts';
import { createIdentity } from './identity/identity.ts';
import { migrations } from './migrations.ts';
import { ownDriverHandlers } from './own-driver.ts';
import { proposeHandlers } from './propose-handlers.ts';
import { createQuorumDriver } from './quorum/quorum-driver.ts';
import { createQuorums, ruleInWords } from './quorum/quorums.ts';
import { readHandlers } from './read-changes.ts';
import { releaseChange } from './release.ts';
import { takeReport } from './run-reports.ts';
import { createSettings, settingsMigrations } from './settings/settings.ts';
import { simulationHandlers } from './simulate.ts';
import { pinRules } from './tripwires/pin-rules.ts';
import { createTripwireCases } from './tripwires/tripwire-cases.ts';
import { tripwireHandlers } from './tripwires/tripwire-handlers.ts';
import { proposeUndo } from './undo.ts';

/**
 * Owns changes: what is proposed, what the gate says about it, who approved it, how it ended. With it the kill switch,
 * the tripwires, the settings, the quorums, and who may call.
 */
export const governance = defineKernel({
  id: 'governance',
  api: governanceApi,
  config: governanceConfig,
  needs: governanceNeeds,
  subscribes: [],
  migrations: [
    fenceMigration,
    ledgerKeyMigration,
    ...migrations,
    ...identityMigrations,
    ...settingsMigrations,
  ],
  async init(context) {
    await pinRules(context);
    let engine: Engine | undefined;
    const drivers = new Map<string, LocalDriver>();
    const changes = createChangeStore(context);
    const freezes = createScopedFreezes(context);
    const quorums = createQuorums(context);
    const lookAgain = createLookAgain(context, (change) => engine?.kick(change));
    const onVoices = (): void => void lookAgain();
    const identity = createIdentity(context, { onVoices });
    const parts: Parts = {
      context,
      changes,
      hosts: createHosts(context),
      killSwitch: createKillSwitch(context),
      freezes,
      quorums,
      cases: createTripwireCases(context, freezes),
      identity,
      idempotency: createIdempotency(context.store, context.clock),
      ledgerKey: createLedgerKey(context),
      localDriver: (key) => drivers.get(key),
      kick: (change) => engine?.kick(change),
      onChanged: (listener) => changes.onChanged(listener),
    };
    const settings = createSettings(parts);
    drivers.set('config', settings.driver);
    drivers.set('quorum', createQuorumDriver(context, quorums, identity, onVoices));
    const running = createEngine(parts);
    engine = running;
    const resume = (): void => running.resume();
    return {
      handlers: {
        ...proposeHandlers(parts),
        ...readHandlers(parts),
        ...simulationHandlers(parts),
        ...approveHandlers(parts),
        ...stepApprovalHandlers(parts),
        ...stopHandlers(parts),
        ...freezeHandlers(parts, resume),
        ...tripwireHandlers(parts, resume),
        ...settings.handlers,
        ...identity.handlers,
        ...ownDriverHandlers(parts),
        applyChange: async ({ id }, call) => releaseChange(parts, id, call.principal.id),
        revertChange: async ({ id }, call) => proposeUndo(parts, id, call),
        async getQuorums() {
          const all = await quorums.all();
          const { classes } = context.config;
          return { items: all.map((one) => ({ ...one, rule: ruleInWords(classes[one.class]) })) };
        },
        getClearance: async ({ id }) => clearanceOf(parts, id),
        reportRun: async (report) => takeReport(parts, report),
      },
      start() {
        settings.start();
        parts.cases.kick();
        running.resume();
      },
      async stop() {
        await running.ended();
        await settings.close();
        await parts.cases.ended();
      },
    };
  },
});
