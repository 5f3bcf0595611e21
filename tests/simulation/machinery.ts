import { createHash } from 'node:crypto';
import type { Profile } from '@holdfast/contracts';
import { createNoteSigner } from '@holdfast/merkle';
import { idempotencyMigration } from '@holdfast/sdk';
import type { Store } from '@holdfast/store';
import { auditLedger } from '../../kernels/core/immutable_log/audit-ledger.ts';
import { outboxMigration } from '../../packages/sdk/src/events/outbox-table.ts';
import { immutableLog } from '../../kernels/core/immutable_log/kernel.ts';
import { messageBus } from '../../kernels/core/message_bus/kernel.ts';
import { workflowEngine } from '../../kernels/execution/workflow_engine/kernel.ts';
import { governance } from '../../kernels/governance/governance/kernel.ts';
import { classRule, testProfile } from '../../packages/testkit/src/test-profile.ts';
import { clearFiles, keepFile } from './files/sim-files.ts';
import type { AnyKernel } from './net/kernel-slot.ts';
import type { OpenRows, Rows } from './store/rows.ts';
import { enrolment } from './world/people.ts';
import type { Scenario } from './world/scenario.ts';

export type StoreName = 'governance' | 'workflow' | 'bus' | 'ledger';

/** What is made once and used by one history after the other. */
export interface Machinery {
  readonly rows: Readonly<Record<StoreName, Rows>>;
  readonly kernels: readonly {
    readonly definition: AnyKernel;
    readonly name: string;
    readonly store: StoreName;
    readonly longestPauseMs: number;
    /** How many of the engines there have to be for this one to be one of them. */
    readonly number: number;
  }[];
  /** Empties all tables and files, and puts the people on record. */
  reset(now: string): void;
  profileFor(settings: Scenario['settings']): Profile;
  /** Throws unless the ledger's tree is what it signed. */
  verifyLedger(rows: Rows, say?: (words: string) => void): Promise<void>;
}

const LEDGER_NAME = 'holdfast-ledger-simulated';

const profileOf = (settings: Scenario['settings']): Profile => {
  const rule = classRule({
    approval_from_risk: settings.approvalFromRisk,
    approvals: settings.approvalsNeeded,
    delay_s: settings.delayMs / 1000,
  });
  return testProfile({
    limits: {
      max_open_changes: settings.maxOpen,
      max_parallel_steps: settings.parallel,
    },
    gate: {
      classes: { standard: rule, security: rule, covenant: rule },
      change_ttl_s: settings.ttlS,
      watch_s: settings.watchMs / 1000,
    },
  } as never);
};

const storeOver = (rows: Rows): Store =>
  ({
    engine: 'sqlite',
    read: async (sql: string, params: never) => rows.read(sql, params),
    async *scan(sql: string, params: never) {
      yield rows.read(sql, params);
    },
  }) as unknown as Store;

export const createMachinery = (openRows: OpenRows): Machinery => {
  const seed = createHash('sha256').update('simulated').digest();
  const signer = createNoteSigner({ name: LEDGER_NAME, seed });
  const home = '/sim/immutable_log';
  keepFile(`${home}/ledger/signing.key`, `${LEDGER_NAME}\n${seed.toString('base64')}\n`);
  keepFile(`${home}/ledger/verifier.key`, `${signer.verifierKey}\n`);
  const kernels = [
    {
      definition: governance,
      name: 'governance',
      store: 'governance',
      longestPauseMs: 8_000,
      number: 1,
    },
    {
      definition: workflowEngine,
      name: 'workflow_engine',
      store: 'workflow',
      longestPauseMs: 60_000,
      number: 1,
    },
    {
      definition: workflowEngine,
      name: 'workflow_engine 2',
      store: 'workflow',
      longestPauseMs: 60_000,
      number: 2,
    },
    {
      definition: messageBus,
      name: 'message_bus',
      store: 'bus',
      longestPauseMs: 8_000,
      number: 1,
    },
    {
      definition: immutableLog,
      name: 'immutable_log',
      store: 'ledger',
      longestPauseMs: 8_000,
      number: 1,
    },
  ] as const;
  const rowsOf = (definition: AnyKernel): Rows =>
    openRows([outboxMigration, idempotencyMigration, ...definition.migrations]);
  const rows = {
    governance: rowsOf(governance),
    workflow: rowsOf(workflowEngine),
    bus: rowsOf(messageBus),
    ledger: rowsOf(immutableLog),
  };
  const profiles = new Map<string, Profile>();

  return {
    kernels,
    rows,
    reset(now) {
      for (const table of Object.values(rows)) table.clear();
      clearFiles();
      rows.governance.write(enrolment(now));
    },
    profileFor(settings) {
      const key = JSON.stringify(settings);
      const known = profiles.get(key) ?? profileOf(settings);
      profiles.set(key, known);
      return known;
    },
    async verifyLedger(rows) {
      const verifierKey = signer.verifierKey;
      const report = await auditLedger({
        store: storeOver(rows),
        verifierKey,
        witnesses: [],
      });
      if (!report.ok)
        throw new Error(`the ledger does not verify: ${JSON.stringify(report.problems)}`);
    },
  };
};
