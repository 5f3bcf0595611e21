import { gatewayApi } from '@holdfast/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFixtureGateway, type FixtureGateway } from './test-support/fixture-gateway.ts';
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
    expect(healthy.uptime_s).toBeGreaterThanOrEqual(60);
    gateway.status = fixtureStatus([
      fixtureAssignment('governance', 'restarting'),
      fixtureAssignment('message_bus', 'not_started'),
      fixtureAssignment('workflow_engine', 'not_started'),
      fixtureAssignment('scheduler', 'not_installed'),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect(await bodyOf('/health')).toMatchObject({
      status: 'degraded',
      failed_components: ['governance', 'message_bus'],
    });
  });

  it('says so when the guardian does not answer', async () => {
    gateway.status = undefined;
    const [health, healthz] = await Promise.all([bodyOf('/health'), bodyOf('/healthz', 503)]);
    expect(health).toMatchObject({ status: 'degraded', failed_components: ['guardian'] });
    expect(healthz).toMatchObject({ ok: false, degraded: ['guardian'] });
  });

  it('asks the guardian once in each liveness interval, however many call', async () => {
    const profile = fixtureProfile();
    const calm = await startFixtureGateway({
      profile: { ...profile, guardian: { ...profile.guardian, liveness_interval_ms: 60_000 } },
    });
    await Promise.all(Array.from({ length: 20 }, () => calm.call('/health')));
    expect(calm.asked).toEqual(['status']);
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

  it.each(['', '/api'])('answer with the prefix "%s"', async (prefix) => {
    gateway.status = fixtureStatus([
      fixtureAssignment('governance', 'healthy', 'governance'),
      fixtureAssignment('message_bus', 'healthy', 'core'),
    ]);
    expect(await bodyOf(`${prefix}/guardian/status`)).toEqual(gateway.status);
    expect(await bodyOf(`${prefix}/kernel-ports/assignments`)).toMatchObject({
      total: 2,
      tier_filter: null,
    });
    expect(await bodyOf(`${prefix}/kernel-ports/assignments?tier=core`)).toMatchObject({
      total: 1,
      tier_filter: 'core',
      assignments: [{ name: 'message_bus' }],
    });
  });

  it('refuse an input that breaks their contract', async () => {
    const refusal = await bodyOf(`/kernel-ports/assignments?tier=${'x'.repeat(51)}`, 422);
    expect(refusal).toMatchObject({ code: 'invalid_input' });
  });

  it('do not stop anything for a body that they do not know', async () => {
    const body = JSON.stringify({ force: true });
    const response = await gateway.call('/guardian/stop', { method: 'POST', body });
    expect([response.status, gateway.asked]).toEqual([422, []]);
  });

  it('ask the guardian to stop', async () => {
    const response = await gateway.call('/guardian/stop', { method: 'POST' });
    expect([response.status, await response.json()]).toEqual([202, { stopping: true }]);
    expect(gateway.asked).toEqual(['stop']);
  });

  it('are a problem in bounded time when the guardian does not answer', async () => {
    gateway.status = undefined;
    expect(await bodyOf('/guardian/status', 503)).toMatchObject({
      code: 'kernel_unavailable',
      kernel: 'guardian',
    });
  });

  it('give the interface as OpenAPI', async () => {
    expect(await bodyOf('/openapi.json')).toMatchObject({ openapi: '3.1.0' });
  });
});
