import {
  VERSION,
  type GuardianStatus,
  type OpOutput,
  type OpParsed,
  type Principal,
  type Profile,
  type gatewayApi,
} from '@holdfast/contracts';
import { processAgeMs } from '@holdfast/sdk/process';
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

/** Seconds that the guardian runs; a wall clock that is set changes nothing. */
const createUptime = (): ((status: GuardianStatus) => number) => {
  let of = '';
  let bornAt = 0;
  return ({ pid, started_at }) => {
    if (of !== `${pid} ${started_at}`) {
      of = `${pid} ${started_at}`;
      const ageMs = processAgeMs(pid) ?? Date.now() - Date.parse(started_at);
      bornAt = performance.now() - Math.max(0, ageMs);
    }
    return (performance.now() - bornAt) / 1_000;
  };
};

/** The operations that the gateway answers by itself. Health is computed from the guardian's own view at each call. */
export const createOwnOps = (guardian: GuardianView, profile: Profile): OwnOps => {
  const uptimeOf = createUptime();
  const maxAgeMs = profile.guardian.liveness_interval_ms;
  const known = (): Promise<GuardianStatus | undefined> =>
    guardian.status(maxAgeMs).catch(() => undefined);
  const failed = (status: GuardianStatus | undefined): string[] =>
    status === undefined ? ['guardian'] : failedComponents(status, profile);

  return {
    async getHealth() {
      const status = await known();
      const failed_components = failed(status);
      return answer('getHealth', {
        status: failed_components.length === 0 ? 'ok' : 'degraded',
        profile: profile.name,
        version: VERSION,
        uptime_s: status === undefined ? process.uptime() : uptimeOf(status),
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
