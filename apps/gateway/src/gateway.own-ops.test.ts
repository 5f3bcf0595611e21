import { gatewayApi } from '@holdfast/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  VIEWER_TOKEN,
  bearer,
  startFixtureGateway,
  type FixtureGateway,
} from './test-support/fixture-gateway.ts';
import { fixtureProfile } from './test-support/fixture-profile.ts';
import { fixtureAssignment, fixtureStatus } from './test-support/fixture-status.ts';

let gateway: FixtureGateway;

beforeEach(async () => {
  gateway = await startFixtureGateway();
});
afterEach(() => gateway.stop());

const bodyOf = async (path: string, status = 200): Promise<unknown> => {
  const response = await gateway.call(path);
  expect(response.status).toBe(status);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  return response.json();
};

describe('/health', () => {
  it('is what the guardian sees now, and 200 also when degraded', async () => {
    gateway.status = fixtureStatus([fixtureAssignment('governance', 'healthy')]);
    const healthy = gatewayApi.ops.getHealth.output.parse(await bodyOf('/health'));
    expect(healthy).toMatchObject({ status: 'ok', profile: 'user', failed_components: [] });
    gateway.status = fixtureStatus([
      fixtureAssignment('governance', 'restarting'),
      fixtureAssignment('message_bus', 'not_started'),
      fixtureAssignment('workflow_engine', 'not_started'),
      fixtureAssignment('scheduler', 'not_installed'),
      fixtureAssignment('librarian_kernel', 'idle'),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect(await bodyOf('/health')).toMatchObject({
      status: 'degraded',
      failed_components: ['governance', 'message_bus'],
    });
  });

  it.runIf(process.platform === 'linux').each([-86_400_000, 86_400_000])(
    'counts uptime by no wall clock: one that is off by %i ms changes nothing (Linux only: needs /proc)',
    async (jump) => {
      const started_at = new Date(Date.now() + jump).toISOString();
      gateway.status = { ...fixtureStatus(), started_at };
      const before = process.uptime();
      const { uptime_s } = gatewayApi.ops.getHealth.output.parse(await bodyOf('/health'));
      // The fixture says that this process is the guardian; its start is known to a hundredth of a second.
      expect(uptime_s).toBeGreaterThanOrEqual(before - 0.02);
      expect(uptime_s).toBeLessThanOrEqual(process.uptime() + 0.02);
    },
  );

  it('says so when the guardian does not answer', async () => {
    gateway.status = undefined;
    const [health, healthz] = await Promise.all([bodyOf('/health'), bodyOf('/healthz', 503)]);
    expect(health).toMatchObject({ status: 'degraded', failed_components: ['guardian'] });
    expect(healthz).toMatchObject({ ok: false, degraded: ['guardian'] });
  });

  it('asks the guardian once in each liveness interval, however many call', async () => {
    const profile = fixtureProfile({ livenessMs: 60_000 });
    const calm = await startFixtureGateway({ profile });
    await Promise.all(Array.from({ length: 20 }, () => calm.call('/health')));
    expect(calm.asked.map(({ op }) => op)).toEqual(['getGuardianStatus']);
    await calm.stop();
  });
});

describe('the other operations of the gateway', () => {
  it('answer /healthz with the SEAL flag of the profile', async () => {
    expect(await bodyOf('/healthz')).toEqual({
      ok: true,
      seal: false,
      profile: 'user',
      degraded: [],
    });
  });

  it.each(['', '/api'])('say with the prefix "%s" whose token was sent', async (prefix) => {
    expect(await bodyOf(`${prefix}/auth/whoami`)).toEqual({
      id: 'owner',
      kind: 'human',
      role: 'owner',
    });
    const headers = bearer(VIEWER_TOKEN);
    const viewer = await gateway.call(`${prefix}/auth/whoami`, { headers });
    expect(await viewer.json()).toMatchObject({ id: 'viewer-1', role: 'viewer' });
    const wrong = await gateway.call(`${prefix}/auth/whoami`, { headers: bearer('wrong') });
    expect(wrong.status).toBe(403);
    const none = await fetch(`http://127.0.0.1:${gateway.port}${prefix}/auth/whoami`);
    expect(none.status).toBe(401);
  });

  it('give the interface as OpenAPI', async () => {
    expect(await bodyOf('/openapi.json')).toMatchObject({ openapi: '3.1.0' });
  });
});
