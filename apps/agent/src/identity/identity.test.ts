import { verify } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentSignatureText } from '@holdfast/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openIdentity } from './agent-identity.ts';
import { takeLock } from './agent-lock.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-identity-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('the key is made once, kept readable for its owner only, and signs challenges', async () => {
  const first = await openIdentity(dir);
  expect(first.host).toBeUndefined();
  expect(statSync(join(dir, 'identity.json')).mode & 0o777).toBe(0o600);
  await first.enrolledAs('box_linux');
  const again = await openIdentity(dir);
  expect(again).toMatchObject({ host: 'box_linux', publicKey: first.publicKey });
  const signature = Buffer.from(again.signFor('box_linux', 'nonce'), 'base64');
  const text = Buffer.from(agentSignatureText('box_linux', 'nonce'));
  expect(verify(null, text, again.publicKey, signature)).toBe(true);
});

test('a damaged identity is refused instead of being replaced', async () => {
  writeFileSync(join(dir, 'identity.json'), '{"public_key":');
  await expect(openIdentity(dir)).rejects.toThrow();
});

test('a second agent is kept away from the home of a living one', async () => {
  const lock = await takeLock(dir, 0);
  await expect(takeLock(dir, 0)).rejects.toThrow(`as pid ${process.pid}`);
  const next = takeLock(dir, 60_000);
  await lock.release();
  await (await next).release();
});

test.each(['999999999 12345', '', 'nonsense'])(
  'a lock that names no living process (%j) is taken over',
  async (content) => {
    writeFileSync(join(dir, 'agent.lock'), content);
    const lock = await takeLock(dir, 0);
    expect(readFileSync(join(dir, 'agent.lock'), 'utf8')).toMatch(`${process.pid} `);
    await lock.release();
  },
);

test('a lock whose pid now belongs to a later process is taken over', async () => {
  const path = join(dir, 'agent.lock');
  writeFileSync(path, `${process.pid} 1`);
  const lock = await takeLock(dir, 0);
  expect(readFileSync(path, 'utf8')).not.toBe(`${process.pid} 1`);
  await lock.release();
  expect(existsSync(path)).toBe(false);
});
