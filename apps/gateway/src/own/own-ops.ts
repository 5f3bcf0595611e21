import {
  VERSION,
  gatewayApi,
  type Assignment,
  type GuardianStatus,
  type OpOutput,
  type OpParsed,
  type Profile,
} from '@holdfast/contracts';
import { failedComponents } from './failed-components.ts';
import { readGenerated } from './generated-file.ts';
import type { GuardianQuestions } from './guardian-questions.ts';

/** `json` is text already. */
export interface OwnAnswer {
  readonly status: number;
  readonly json: string;
}

type Ops = (typeof gatewayApi)['ops'];
/** Gets an input that was checked against the contract. */
export type OwnOps = {
  readonly [K in keyof Ops]: (input: OpParsed<Ops[K]>) => Promise<OwnAnswer>;
};

const answer = <K extends keyof Ops>(_op: K, value: OpOutput<Ops[K]>, status = 200): OwnAnswer => ({
  status,
  json: JSON.stringify(value),
});

/** The operations that the gateway answers by itself. Health is computed from the guardian's own view at each call. */
export const createOwnOps = (guardian: GuardianQuestions, profile: Profile): OwnOps => {
  const maxAgeMs = profile.guardian.liveness_interval_ms;
  const known = (): Promise<GuardianStatus | undefined> =>
    guardian.status(maxAgeMs).catch(() => undefined);
  const failed = (status: GuardianStatus | undefined): string[] =>
    status === undefined ? ['guardian'] : failedComponents(status, profile);

  return {
    async getHealth() {
      const status = await known();
      const failed_components = failed(status);
      const startedAt = status === undefined ? undefined : Date.parse(status.started_at);
      return answer('getHealth', {
        status: failed_components.length === 0 ? 'ok' : 'degraded',
        profile: profile.name,
        version: VERSION,
        uptime_s: startedAt === undefined ? process.uptime() : (Date.now() - startedAt) / 1000,
        failed_components,
      });
    },
    async getHealthz() {
      const status = await known();
      const ok = status !== undefined && status.state !== 'stopping';
      const body = {
        ok,
        seal: profile.features.seal,
        profile: profile.name,
        degraded: failed(status),
      };
      return answer('getHealthz', body, ok ? 200 : 503);
    },
    getOpenapi: async () => ({ status: 200, json: await readGenerated('openapi.json') }),
    async getAssignments({ tier }) {
      const { kernels } = await guardian.status(0);
      const assignments = kernels.filter((row: Assignment) => !tier || row.tier === tier);
      return answer('getAssignments', {
        total: assignments.length,
        tier_filter: tier ?? null,
        assignments,
      });
    },
    getGuardianStatus: async () => answer('getGuardianStatus', await guardian.status(0)),
    async stopStack() {
      await guardian.stop();
      return answer('stopStack', { stopping: true }, gatewayApi.ops.stopStack.status);
    },
  };
};
