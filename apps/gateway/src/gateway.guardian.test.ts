import {
  HoldfastError,
  guardianApi,
  kernelPortsApi,
  networkHealerApi,
  type Op,
} from '@holdfast/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  OPERATOR_TOKEN,
  VIEWER_TOKEN,
  bearer,
  startFixtureGateway,
  type FixtureGateway,
} from './test-support/fixture-gateway.ts';
import { rawExchange } from './test-support/raw-exchange.ts';

let gateway: FixtureGateway;

beforeAll(async () => {
  gateway = await startFixtureGateway();
});
beforeEach(() => {
  gateway.asked.length = 0;
  gateway.guardian = ({ op }) => Promise.resolve({ op });
});
afterAll(() => gateway.stop());

const all = [guardianApi, kernelPortsApi, networkHealerApi].flatMap((api) =>
  Object.entries<Op>(api.ops).map(([name, op]) => [name, op] as const),
);
const operations = all.filter(([, op]) => op.role !== 'internal');
const internal = all.filter(([, op]) => op.role === 'internal');
const operator = { id: 'operator-1', kind: 'human', role: 'operator' };
const away = (): Promise<never> =>
  Promise.reject(new HoldfastError('kernel_unavailable', { kernel: 'guardian' }));
const refusalOf = async (response: Response): Promise<unknown> => {
  const { code, kernel } = (await response.json()) as { code: string; kernel: string };
  return [response.status, code, kernel];
};

describe('operations of the guardian', () => {
  it.each(operations)('are asked by name, with and without /api: %s', async (name, op) => {
    for (const prefix of ['', '/api']) {
      gateway.asked.length = 0;
      const path = prefix + op.path.replace(/\{\w+\}/, 'librarian');
      const heal = name === 'heal' ? '{"component_name":"librarian"}' : '';
      const body = op.method === 'POST' ? heal : undefined;
      const response = await gateway.call(path, { method: op.method, body });
      expect(response.status).toBe(op.status ?? 200);
      expect(gateway.asked.map((question) => question.op)).toEqual([name]);
      const answer = name === 'getGuardianStatus' ? gateway.status : { op: name };
      expect(await response.json()).toEqual(answer);
    }
  });

  it.each(internal)('are for kernels only when they are internal: %s', async (_name, op) => {
    gateway.asked.length = 0;
    for (const prefix of ['', '/api'])
      expect((await gateway.call(prefix + op.path, { method: op.method })).status).toBe(404);
    expect(gateway.asked).toEqual([]);
  });

  it('get query, path and body as one checked input, in the name of the caller', async () => {
    const headers = bearer(OPERATOR_TOKEN);
    await gateway.call('/kernel-ports/assignments?tier=core&include_apis=1', { headers });
    await gateway.call('/network-healer/history?limit=7', { headers });
    await gateway.call('/kernel-ports/port/a%20b', { headers });
    await gateway.call('/network-healer/pause', { method: 'POST', headers, body: '{"for_s":9}' });
    expect(gateway.asked).toEqual([
      { op: 'getAssignments', input: { tier: 'core', include_apis: true }, principal: operator },
      { op: 'getHealingHistory', input: { limit: 7 }, principal: operator },
      { op: 'getPort', input: { name: 'a b' }, principal: operator },
      { op: 'pauseHealing', input: { for_s: 9 }, principal: operator },
    ]);
  });

  it('take a JSON body whatever its content type, as curl sends it', async () => {
    const response = await gateway.call('/network-healer/heal', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: '{"component_name": "librarian_kernel"}',
    });
    expect(response.status).toBe(200);
    expect(gateway.asked[0]!.input).toEqual({
      component_name: 'librarian_kernel',
      issue_type: 'port_not_listening',
      severity: 'medium',
    });
  });

  it('ask for a body that its sender holds back', async () => {
    const body = '{"component_name":"x"}';
    const text = await rawExchange(
      gateway.port,
      `POST /network-healer/heal HTTP/1.1\r\nauthorization: Bearer ${OPERATOR_TOKEN}\r\n` +
        `expect: 100-continue\r\ncontent-length: ${body.length}`,
      body,
    );
    expect(text).toMatch(/^HTTP\/1\.1 100 [^]*HTTP\/1\.1 200 /);
  });

  it.each([
    ['an unknown key', '{"force":true}', 422, 'invalid_input'],
    ['no JSON', '{"force"', 400, 'malformed_json'],
    ['a list', '[]', 400, 'malformed_json'],
    ['too much', `"${'x'.repeat(1024 * 1024)}"`, 413, 'body_too_large'],
  ])('are not asked for with %s', async (_name, body, status, code) => {
    const response = await gateway.call('/guardian/stop', { method: 'POST', body });
    expect([response.status, await response.json()]).toMatchObject([status, { code }]);
    expect(gateway.asked).toEqual([]);
  });

  it('are not asked for by who may not', async () => {
    const headers = bearer(VIEWER_TOKEN);
    const response = await gateway.call('/guardian/reload', { method: 'POST', headers });
    expect([response.status, gateway.asked]).toEqual([403, []]);
    const nobody = await fetch(`http://127.0.0.1:${gateway.port}/guardian/status`);
    expect([nobody.status, gateway.asked]).toEqual([401, []]);
  });

  it('pass the refusal of the guardian on', async () => {
    gateway.guardian = () =>
      Promise.reject(new HoldfastError('component_unknown', { name: 'nothing' }));
    const response = await gateway.call('/kernel-ports/port/nothing');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'component_unknown', name: 'nothing' });
  });

  it('are a problem in bounded time when the guardian does not answer', async () => {
    gateway.guardian = () => new Promise(() => {});
    const response = await gateway.call('/kernel-ports/port-map');
    expect(await refusalOf(response)).toEqual([504, 'kernel_timeout', 'guardian']);
  });
});

describe('while the guardian is replaced', () => {
  it('reads are put again to the next one', async () => {
    let asked = 0;
    gateway.guardian = () => ((asked += 1) === 1 ? away() : Promise.resolve({ answer: 2 }));
    expect(await (await gateway.call('/kernel-ports/port-map')).json()).toEqual({ answer: 2 });
  });

  it('changes are not, because the old one may have carried them out', async () => {
    gateway.guardian = away;
    const body = '{"component_name":"x"}';
    const response = await gateway.call('/network-healer/heal', { method: 'POST', body });
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await refusalOf(response)).toEqual([503, 'kernel_unavailable', 'guardian']);
    expect(gateway.asked.length).toBe(1);
  });
});
