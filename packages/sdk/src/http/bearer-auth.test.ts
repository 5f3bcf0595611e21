import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HoldfastError, type Principal } from '@holdfast/contracts';
import { afterEach, expect, test } from 'vitest';
import { askGateway, rememberTokens } from './bearer-auth.ts';

const viewer: Principal = { id: 'someone', kind: 'human', role: 'viewer' };
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A check that counts, under a clock of its own. */
const counted = (check: (token: string) => Promise<Principal>) => {
  const asked: string[] = [];
  const clock = { now: 0 };
  const ask = rememberTokens(
    (token) => {
      asked.push(token);
      return check(token);
    },
    () => clock.now,
  );
  return { ask, asked, clock };
};

test('asks once a second who a token belongs to, however many calls come at a time', async () => {
  const { ask, asked, clock } = counted(async () => viewer);
  expect(await Promise.all([ask('t'), ask('t'), ask('t')])).toEqual([viewer, viewer, viewer]);
  clock.now = 999;
  await ask('t');
  expect(asked).toEqual(['t']);
  clock.now = 1_000;
  await ask('t');
  await ask('u');
  expect(asked).toEqual(['t', 't', 'u']);
});

test.each(['unauthenticated', 'forbidden'] as const)(
  'remembers for one second only that a token belongs to nobody (%s)',
  async (code) => {
    const { ask, asked, clock } = counted(async () => {
      throw new HoldfastError(code, { detail: 'the token is not valid' });
    });
    await expect(ask('t')).rejects.toMatchObject({ code });
    clock.now = 999;
    await expect(ask('t')).rejects.toMatchObject({ code });
    expect(asked).toHaveLength(1);
    clock.now = 1_000;
    await expect(ask('t')).rejects.toMatchObject({ code });
    expect(asked).toHaveLength(2);
  },
);

test('passes on that the gateway refuses a token', async () => {
  const server = createServer((_request, response) => {
    const refusal = new HoldfastError('forbidden', { detail: 'the token is not valid' });
    response.writeHead(403).end(JSON.stringify(refusal.toProblem()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  const ask = askGateway((server.address() as AddressInfo).port);
  await expect(ask('t')).rejects.toMatchObject({ code: 'forbidden' });
});

test('asks again at once when nobody could tell', async () => {
  let dead = true;
  const { ask } = counted(async () => {
    if (dead) throw new HoldfastError('kernel_unavailable', { kernel: 'gateway' });
    return viewer;
  });
  await expect(ask('t')).rejects.toMatchObject({ code: 'kernel_unavailable' });
  dead = false;
  expect(await ask('t')).toEqual(viewer);
});

test('forgets the oldest token when there are too many', async () => {
  const { ask, asked } = counted(async () => viewer);
  for (let n = 0; n <= 256; n += 1) await ask(`t${n}`);
  await ask('t256');
  expect(asked).toHaveLength(257);
  await ask('t0');
  expect(asked).toHaveLength(258);
});

test('takes nobody for a kernel because of a token', async () => {
  const server = createServer((_request, response) => {
    response.end(JSON.stringify({ id: 'kernel:governance', kind: 'kernel', role: 'kernel' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  const ask = askGateway((server.address() as AddressInfo).port);
  await expect(ask('t')).rejects.toMatchObject({ code: 'unauthenticated' });
});
