import { afterEach, beforeEach, expect, it } from 'vitest';
import { listenForCallback, type CallbackListener } from './callback-listener.ts';

let listener: CallbackListener;
beforeEach(async () => {
  listener = await listenForCallback(0);
});
afterEach(() => listener.close());

const PATIENCE_MS = 30_000;
const come = async (query: string, init: RequestInit = {}): Promise<number> =>
  (await fetch(`${listener.redirectUri}${query}`, init)).status;

it('hands on the first callback with the state of this login, and tells the browser how it went', async () => {
  const next = listener.next('mine', PATIENCE_MS, async (callback) => `took ${callback}`);
  expect(await come('?code=1&state=of-another')).toBe(404);
  expect(await come('?code=1&state=mine', { method: 'POST' })).toBe(404);
  expect((await fetch(listener.redirectUri.replace('callback', 'else'))).status).toBe(404);
  expect(await come('?code=1&state=mine')).toBe(200);
  expect(await next).toBe(`took ${listener.redirectUri}?code=1&state=mine`);
  expect(await come('?code=1&state=mine')).toBe(404);
});

it('tells the browser that the login failed, and the command why', async () => {
  const next = listener.next('mine', PATIENCE_MS, () => Promise.reject(new Error('because')));
  const [status, why] = await Promise.all([
    come('?state=mine'),
    next.catch((error: Error) => error.message),
  ]);
  expect([status, why]).toEqual([400, 'because']);
});

it('gives up when nobody comes', async () => {
  await expect(listener.next('mine', 1, async () => 1)).rejects.toThrow(/in time/);
});

it('says that its port is taken', async () => {
  const { port } = new URL(listener.redirectUri);
  await expect(listenForCallback(Number(port))).rejects.toThrow(`listening on port ${port}`);
});
