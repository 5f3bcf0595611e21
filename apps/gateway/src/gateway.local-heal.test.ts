import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  VIEWER_TOKEN,
  bearer,
  startFixtureGateway,
  type FixtureGateway,
} from './test-support/fixture-gateway.ts';
import { fixtureProfile } from './test-support/fixture-profile.ts';
import { readToEnd, sendRaw } from './test-support/raw-exchange.ts';

const BODY = '{"component_name": "librarian_kernel"}';
const profile = fixtureProfile({ localHeal: true });
let gateway: FixtureGateway;

beforeAll(async () => {
  gateway = await startFixtureGateway({ profile });
});
afterAll(() => gateway.stop());

interface Ask {
  readonly to?: FixtureGateway;
  readonly host?: string;
  readonly line?: string;
  readonly fields?: string;
}

/** The status of a heal that is asked for without a token. */
const heal = async (ask: Ask = {}): Promise<number> => {
  const { to = gateway, line = 'POST /network-healer/heal HTTP/1.1', fields = '' } = ask;
  const host = ask.host ?? `localhost:${to.port}`;
  const head = `${line}\r\nhost: ${host}\r\ncontent-length: ${BODY.length}\r\n${fields}`;
  const text = await readToEnd(await sendRaw(to.port, `${head}connection: close\r\n\r\n${BODY}`));
  return Number(text.split(' ')[1]);
};

describe('a heal without a token', () => {
  it.each(['localhost', '127.0.0.1', '[::1]', 'LocalHost'])(
    'is asked for by a program on this machine that names it %s',
    async (name) => {
      gateway.asked.length = 0;
      expect(await heal({ host: `${name}:${gateway.port}` })).toBe(200);
      expect(gateway.asked).toMatchObject([
        { op: 'heal', principal: { id: 'local:anonymous', kind: 'human', role: 'operator' } },
      ]);
    },
  );

  it('is refused unless the profile allows it', async () => {
    const strict = await startFixtureGateway();
    expect(await heal({ to: strict })).toBe(401);
    await strict.stop();
  });

  it('is refused where the gateway can be reached from elsewhere', async () => {
    const open = await startFixtureGateway({ profile, bind: '0.0.0.0' });
    expect(await heal({ to: open })).toBe(401);
    await open.stop();
  });

  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((address) => !address.internal && address.family === 'IPv4')?.address;
  it.skipIf(outside === undefined)(
    `is refused on another address of this machine${outside ? '' : ' (skipped: it has none)'}`,
    async () => {
      const open = await startFixtureGateway({ profile, bind: outside });
      const response = await fetch(`http://${outside}:${open.port}/network-healer/heal`, {
        method: 'POST',
        body: BODY,
      });
      expect(response.status).toBe(401);
      await open.stop();
    },
  );

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.2', '0.0.0.0', 'gateway'])(
    'is refused under the name %s, which may have been pointed here',
    async (name) => {
      expect(await heal({ host: `${name}:${gateway.port}` })).toBe(401);
    },
  );

  it.each(['localhost', 'localhost:1', '127.0.0.1:08000'])(
    'is refused under %s, which is not this port',
    async (host) => {
      expect(await heal({ host })).toBe(401);
    },
  );

  it.each([
    'origin: http://localhost:1',
    'origin: null',
    'referer: http://localhost/',
    'sec-fetch-site: none',
    'sec-fetch-mode: navigate',
    'sec-fetch-dest: empty',
    'sec-fetch-user: ?1',
    'sec-ch-ua: "x"',
    'x-forwarded-for: 10.0.0.1',
    'x-forwarded-host: x',
    'x-forwarded-proto: https',
    'x-real-ip: 10.0.0.1',
    'forwarded: for=10.0.0.1',
    'via: 1.1 proxy',
  ])('is refused with the field of a browser or a proxy: %s', async (field) => {
    expect(await heal({ fields: `${field}\r\n` })).toBe(401);
  });

  it('is refused in the version that proxies speak unless they are told', async () => {
    expect(await heal({ line: 'POST /network-healer/heal HTTP/1.0' })).toBe(401);
  });

  it('is refused with a wrong token, and with one that may not', async () => {
    expect(await heal({ fields: 'authorization: Basic eA==\r\n' })).toBe(401);
    expect(await heal({ fields: 'authorization: Bearer wrong\r\n' })).toBe(403);
    const headers = bearer(VIEWER_TOKEN);
    const call = gateway.call('/network-healer/heal', { method: 'POST', headers, body: BODY });
    expect((await call).status).toBe(403);
  });

  it.each([
    'POST /network-healer/auto-heal HTTP/1.1',
    'POST /network-healer/pause HTTP/1.1',
    'GET /network-healer/stats HTTP/1.1',
    'POST /guardian/stop HTTP/1.1',
    'POST /kernel-ports/reset-failures/librarian HTTP/1.1',
  ])('opens nothing else: %s', async (line) => {
    expect(await heal({ line })).toBe(401);
  });
});
