import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_TYPES, infrastructureApi, kernelPrincipal } from '@holdfast/contracts';
import { createFakeClock } from '@holdfast/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveKernel, type ServedKernel } from '../test-support/served-kernel.ts';
import {
  connectScriptedAgent,
  createAgentKey,
  enrolTestHost,
  testFacts,
} from '../test-support/scripted-agent.ts';
import { TOKEN_TTL_MS } from './enrolment-tokens.ts';

let kernel: ServedKernel;
const clock = createFakeClock();

beforeEach(async () => {
  kernel = await serveKernel({ clock });
});
afterEach(() => kernel.close());

const request = (token: string, hostname = 'box') => ({
  token,
  public_key: createAgentKey().publicKey,
  version: '0.1.0',
  facts: testFacts(hostname),
});
const refusal = (work: Promise<unknown>) => work.catch((error: unknown) => error);

test('a token enrols one agent: replayed, even with another key, it is refused and changes nothing', async () => {
  const { token } = await kernel.api.createEnrolment({});
  await kernel.api.enrolAgent(request(token));
  expect(await refusal(kernel.api.enrolAgent(request(token)))).toMatchObject({
    code: 'enrolment_used',
  });
  expect(await refusal(kernel.api.enrolAgent(request(token, 'other')))).toMatchObject({
    code: 'enrolment_used',
  });
  expect((await kernel.api.listHosts({})).items.map(({ id }) => id)).toEqual(['box_linux']);
});

test('of callers that race with one token exactly one is enrolled', async () => {
  const { token } = await kernel.api.createEnrolment({});
  const results = await Promise.allSettled(
    ['a', 'b', 'c', 'd'].map((name) => kernel.api.enrolAgent(request(token, name))),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await kernel.api.listHosts({})).total).toBe(1);
});

test('a token that was never issued is refused', async () => {
  expect(await refusal(kernel.api.enrolAgent(request('made-up')))).toMatchObject({
    code: 'enrolment_invalid',
  });
});

test('a token expires after its time', async () => {
  const { token, expires_at } = await kernel.api.createEnrolment({});
  expect(Date.parse(expires_at) - clock.now()).toBe(TOKEN_TTL_MS);
  await clock.advance(TOKEN_TTL_MS);
  expect(await refusal(kernel.api.enrolAgent(request(token)))).toMatchObject({
    code: 'enrolment_expired',
  });
});

test('a key that is not Ed25519 is refused and the token stays good', async () => {
  const { token } = await kernel.api.createEnrolment({});
  const bad = { ...request(token), public_key: 'no key at all' };
  expect(await refusal(kernel.api.enrolAgent(bad))).toMatchObject({ code: 'invalid_input' });
  await expect(kernel.api.enrolAgent(request(token))).resolves.toEqual({ host: 'box_linux' });
});

const keyOf = async (id: string) => {
  const host = await kernel.api.getHost({ id });
  return { aliases: host.aliases, facts: host.facts?.hostname, enrolled: host.agent.enrolled };
};

test.each([{}, { alias: 'local' }, { alias: 'web' }])(
  'a token with %j takes no host over that has a key, and stays good',
  async (input) => {
    const key = createAgentKey();
    const host = await enrolTestHost(kernel, key);
    const agent = await connectScriptedAgent({ kernel, host, key });
    const { token } = await kernel.api.createEnrolment(input);
    expect(await refusal(kernel.api.enrolAgent(request(token)))).toMatchObject({
      code: 'host_exists',
    });
    expect(await keyOf(host)).toEqual({ aliases: ['local'], facts: 'box', enrolled: true });
    await agent.close();
    const again = await connectScriptedAgent({ kernel, host, key });
    expect(again.received.at(-1)).toMatchObject({ type: 'welcome' });
    await again.close();
  },
);

test('an alias is not taken from the host whose agent holds it', async () => {
  const host = await enrolTestHost(kernel, createAgentKey());
  const { token } = await kernel.api.createEnrolment({ alias: 'local' });
  expect(await refusal(kernel.api.enrolAgent(request(token, 'two')))).toMatchObject({
    code: 'host_exists',
  });
  expect(await kernel.api.getHost({ id: 'local' })).toMatchObject({ id: host });
  expect((await kernel.api.listHosts({})).total).toBe(1);
});

test('of two agents that race for one alias one gets it', async () => {
  const tokens = await Promise.all(
    ['a', 'b'].map(() => kernel.api.createEnrolment({ alias: 'web' })),
  );
  const results = await Promise.allSettled(
    tokens.map(({ token }, index) => kernel.api.enrolAgent(request(token, `web-${index}`))),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('the guardian renews the key of the local host, whatever it is called now: the old session ends', async () => {
  const oldKey = createAgentKey();
  const host = await enrolTestHost(kernel, oldKey);
  const old = await connectScriptedAgent({ kernel, host, key: oldKey });
  const guardian = kernel.world.client(infrastructureApi, kernelPrincipal('guardian'));
  const { token } = await guardian.createEnrolment({ alias: 'local' });
  expect(await kernel.api.enrolAgent(request(token, 'renamed'))).toEqual({ host });
  expect(await old.closed).toBe(4000);
  const back = await connectScriptedAgent({ kernel, host, key: oldKey });
  expect(back.received.at(-1)).toMatchObject({ type: 'refused' });
  await kernel.world.waitForEvent(({ data }) => data['replaced_key'] === true);
  const told = kernel.events(EVENT_TYPES.agentEnrolled).map(({ data }) => data['replaced_key']);
  expect(told).toEqual([false, true]);
  expect(kernel.events(EVENT_TYPES.hostRegistered)).toHaveLength(1);
});

test('each token is told, with who made it and until when, and never the token itself', async () => {
  const { token, expires_at } = await kernel.api.createEnrolment({ alias: 'web' });
  const event = await kernel.world.waitForEvent(
    ({ type }) => type === EVENT_TYPES.enrolmentCreated,
  );
  expect(event).toMatchObject({
    actor: 'owner',
    data: { alias: 'web', host_id: null, created_by: 'owner', expires_at },
  });
  expect(JSON.stringify(event)).not.toContain(token);
});

test('a registered host is unknown until the agent with its token comes, whatever its machine is called', async () => {
  const { host, enrolment } = await kernel.api.registerHost({
    hostname: 'Web-1.example',
    os_type: 'linux',
  });
  expect(host).toMatchObject({
    id: 'web-1.example_linux',
    status: 'unknown',
    agent: { enrolled: false, connected: false },
  });
  await kernel.api.enrolAgent(request(enrolment.token, 'ip-10-0-0-1'));
  expect(await kernel.api.getHost({ id: host.id })).toMatchObject({
    agent: { enrolled: true },
    facts: { hostname: 'ip-10-0-0-1' },
  });
});

test('registering twice is refused, repeated with its idempotency key it answers the same host', async () => {
  const input = { hostname: 'web', os_type: 'linux' } as const;
  const first = await kernel.api.registerHost(input, { idempotencyKey: 'k1' });
  const again = await kernel.api.registerHost(input, { idempotencyKey: 'k1' });
  expect(again.host).toEqual(first.host);
  expect(await refusal(kernel.api.registerHost(input))).toMatchObject({ code: 'host_exists' });
  await kernel.world.waitForEvent(({ type }) => type === EVENT_TYPES.hostRegistered);
  expect(kernel.events(EVENT_TYPES.hostRegistered)).toHaveLength(1);
});

test('no token is found in the files of the store', async () => {
  const { token } = await kernel.api.createEnrolment({});
  const { enrolment } = await kernel.api.registerHost(
    { hostname: 'web', os_type: 'linux' },
    { idempotencyKey: 'k1' },
  );
  const dir = join(kernel.world.home, 'data');
  const contents = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  expect(contents.some((text) => text.includes('enrolments'))).toBe(true);
  for (const secret of [token, enrolment.token])
    expect(contents.some((text) => text.includes(secret))).toBe(false);
});

test('a host with more capabilities than an event can hold is registered, and told with its id', async () => {
  const capabilities = Array.from({ length: 100 }, (_, index) => ({
    name: `capability-${index}`,
    available: true,
    metadata: { text: 'x'.repeat(6000) },
  }));
  await kernel.api.registerHost({ hostname: 'web', os_type: 'linux', capabilities });
  const event = await kernel.world.waitForEvent(({ type }) => type === EVENT_TYPES.hostRegistered);
  expect(event.data).toMatchObject({
    host_id: 'web_linux',
    hostname: 'web',
    capabilities: { omitted: true },
  });
});
