import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HoldfastError } from '@holdfast/contracts';
import { chooseRoute, type Route } from './route.ts';

let home: string;
let server: Server | undefined;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mk-route-'));
});
afterEach(async () => {
  await stopped();
  rmSync(home, { recursive: true, force: true });
});

const stopped = async (): Promise<void> => {
  const listening = server;
  if (listening === undefined) return;
  await new Promise((resolve) => {
    listening.close(resolve);
    listening.closeAllConnections();
  });
  server = undefined;
};

/** A gateway that answers every call with this; its address. */
const gateway = async (status: number, body: unknown): Promise<string> => {
  const listening = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  server = listening;
  await new Promise<void>((resolve) => void listening.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
};

/** The address of a port on which nobody listens. */
const nobody = async (): Promise<string> => {
  const url = await gateway(200, {});
  await stopped();
  return url;
};

const withStack = (url: string): void =>
  writeFileSync(join(home, 'credentials.json'), JSON.stringify({ url, token: 'owner' }));

const route = (env: NodeJS.ProcessEnv = {}, standalone = false): Promise<Route> =>
  chooseRoute({ HOLDFAST_HOME: home, HOLDFAST_CLI_DIR: join(home, 'cli'), ...env }, standalone);

const running = (status: string, reason = '') => ({
  kernels: [{ name: 'mode_keeper', status, reason }],
});

describe('the way of an apply', () => {
  it('is this program where nothing speaks of a stack, or where the stack of the home does not run', async () => {
    expect(await route()).toEqual({ kind: 'standalone' });
    withStack(await nobody());
    expect(await route()).toEqual({ kind: 'standalone' });
  });

  it('is a stack that runs and tunes workloads, awake or not', async () => {
    for (const status of ['healthy', 'idle', 'restarting', 'not_started']) {
      const url = await gateway(200, running(status));
      withStack(url);
      expect(await route()).toMatchObject({ kind: 'stack', door: { url } });
      await stopped();
    }
  });

  it('is this program where the stack has no kernel for that', async () => {
    for (const body of [
      { kernels: [] },
      running('not_installed'),
      running('not_started', 'not enabled'),
    ]) {
      withStack(await gateway(200, body));
      expect(await route()).toEqual({ kind: 'standalone' });
      await stopped();
    }
  });

  it('is this program where somebody says so, whatever runs', async () => {
    withStack(await gateway(200, running('healthy')));
    expect(await route({}, true)).toEqual({ kind: 'standalone' });
  });

  it('is closed where a stack is named and silent, or says no', async () => {
    const named = { HOLDFAST_URL: await nobody(), HOLDFAST_TOKEN: 'x' };
    expect(await route(named)).toMatchObject({
      kind: 'refused',
      refusal: { reason: 'kernel_unavailable' },
    });
    const problem = new HoldfastError('unauthenticated').toProblem();
    withStack(await gateway(problem.status, problem));
    expect(await route()).toMatchObject({
      kind: 'refused',
      refusal: { reason: 'unauthenticated' },
    });
  });

  it('is closed where there are credentials that cannot be used', async () => {
    writeFileSync(join(home, 'credentials.json'), '{');
    expect(await route()).toMatchObject({
      kind: 'refused',
      refusal: { reason: 'unauthenticated', detail: expect.stringContaining('credentials') },
    });
    expect(await route({ HOLDFAST_URL: 'nowhere' })).toMatchObject({ kind: 'refused' });
  });
});
