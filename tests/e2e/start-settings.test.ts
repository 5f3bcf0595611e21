import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres } from '@holdfast/testkit/postgres-server';
import type { Change, GuardianStatus, LogVerification } from '@holdfast/contracts';
import { afterEach, expect, test } from 'vitest';
import { createStack, type Stack } from '../harness/stack.ts';

let stack: Stack | undefined;
afterEach(async () => {
  await stack?.destroy();
  stack = undefined;
});

test('HOLDFAST_KILL_SWITCH refuses every change from the start, and only a restart without it helps', async () => {
  stack = await createStack({ env: { HOLDFAST_KILL_SWITCH: '1' } });
  expect((await stack.up()).code).toBe(0);
  const refused = await stack.cli('propose', 'repair', '--host', 'local', '--json');
  expect(refused.code).toBe(2);
  expect(refused.json<Change>()).toMatchObject({
    state: 'blocked',
    reasons: [{ code: 'kill_switch' }],
  });
  const unfreeze = await stack.cli('unfreeze');
  expect([unfreeze.code, unfreeze.stderr]).toEqual([2, expect.stringContaining('kill_switch')]);
});

test.each([
  ['empty', ''],
  ['short', 'abc'],
  ['well known', 'change-me-change-me'],
])('an ADMIN_TOKEN that is %s is refused', async (_, token) => {
  stack = await createStack({ env: { ADMIN_TOKEN: token } });
  const up = await stack.up();
  expect([up.code, up.stderr]).toEqual([1, expect.stringContaining('admin_token_weak')]);
});

test('ADMIN_TOKEN is the owner token, and nothing that it writes holds it but credentials.json', async () => {
  const token = 'a-long-and-own-token-7f3a';
  stack = await createStack({ env: { ADMIN_TOKEN: token } });
  expect((await stack.up()).code).toBe(0);
  expect(stack.token()).toBe(token);
  expect((await stack.cli('freeze', '--reason', 'x')).code).toBe(0);
  const { home } = stack;
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  for (const entry of files) {
    const path = join(entry.parentPath, entry.name);
    if (readFileSync(path).includes(token)) expect(entry.name).toBe('credentials.json');
    expect(statSync(path).mode & 0o002, path).toBe(0);
  }
  expect(statSync(join(home, 'credentials.json')).mode & 0o777).toBe(0o600);
});

test('an unknown profile is refused by name', async () => {
  stack = await createStack({ profile: 'gold' });
  const up = await stack.up();
  expect([up.code, up.stderr]).toEqual([1, expect.stringContaining('profile_unknown')]);
});

const postgres = await startPostgres();
test.skipIf(!postgres)(
  `runs on PostgreSQL${postgres ? '' : ' (SKIPPED: no PostgreSQL server could be started here)'}`,
  async () => {
    stack = await createStack({ env: { HOLDFAST_DATABASE_URL: postgres!.url } });
    try {
      const up = await stack.up();
      expect(up.stderr).toBe('');
      expect(up.json<GuardianStatus>().state).toBe('running');
      expect((await stack.cli('freeze')).code).toBe(0);
      expect((await stack.cli('propose', 'repair', '--json')).code).toBe(2);
      expect((await stack.down()).code).toBe(0);
      expect((await stack.up()).code).toBe(0);
      const { items } = await stack.governance.listChanges({});
      expect(items.map((change) => change.state)).toEqual(['blocked']);
      await expect
        .poll(async () => (await stack!.log.listEntries({ correlation: items[0]!.id })).total, {
          timeout: 15_000,
        })
        .toBe(2);
      const verified = await stack.cli('log', 'verify', '--json');
      expect(verified.json<LogVerification>()).toMatchObject({ ok: true });
    } finally {
      await stack.destroy();
      stack = undefined;
      await postgres!.stop();
    }
  },
);
