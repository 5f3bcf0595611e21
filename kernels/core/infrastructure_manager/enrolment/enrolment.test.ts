import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_TYPES } from '@holdfast/contracts';
import { createFakeClock } from '@holdfast/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveKernel, type ServedKernel } from '../test-support/served-kernel.ts';
import { createAgentKey, testFacts } from '../test-support/scripted-agent.ts';
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

test('enrolling a known host again replaces its key and says so in an event', async () => {
  for (const _ of ['first', 'second']) {
    const { token } = await kernel.api.createEnrolment({});
    await kernel.api.enrolAgent(request(token));
  }
  await kernel.world.waitForEvent(({ data }) => data['replaced_key'] === true);
  const told = kernel.events(EVENT_TYPES.agentEnrolled).map(({ data }) => data['replaced_key']);
  expect(told).toEqual([false, true]);
  expect(kernel.events(EVENT_TYPES.hostRegistered)).toHaveLength(1);
});

test('an alias goes to the agent that enrolled with it last', async () => {
  for (const hostname of ['one', 'two']) {
    const { token } = await kernel.api.createEnrolment({ alias: 'local' });
    await kernel.api.enrolAgent(request(token, hostname));
  }
  expect(await kernel.api.getHost({ id: 'local' })).toMatchObject({ id: 'two_linux' });
  expect(await kernel.api.getHost({ id: 'one_linux' })).toMatchObject({ aliases: [] });
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
