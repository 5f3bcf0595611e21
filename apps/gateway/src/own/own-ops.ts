import {
  VERSION,
  type GuardianStatus,
  type OpOutput,
  type OpParsed,
  type Principal,
  type Profile,
  type gatewayApi,
} from '@holdfast/contracts';
import { failedComponents } from './failed-components.ts';
import { readGenerated } from './generated-file.ts';
import type { GuardianView } from './guardian-view.ts';

/** `json` is text already. */
export interface OwnAnswer {
  readonly status: number;
  readonly json: string;
}

type Ops = (typeof gatewayApi)['ops'];
/** Gets an input that was checked against the contract, and the caller where the operation needs one. */
export type OwnOps = {
  readonly [K in keyof Ops]: (
    input: OpParsed<Ops[K]>,
    principal: Principal | undefined,
  ) => Promise<OwnAnswer>;
};

const answer = <K extends keyof Ops>(_op: K, value: OpOutput<Ops[K]>, status = 200): OwnAnswer => ({
  status,
  json: JSON.stringify(value),
});

/** The operations that the gateway answers by itself. Health is computed from the guardian's own view at each call. */
export const createOwnOps = (guardian: GuardianView, profile: Profile): OwnOps => {
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
    whoAmI: async (_input, principal) => answer('whoAmI', principal!),
  };
};
