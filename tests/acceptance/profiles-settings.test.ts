import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigEntry, KernelId } from '@holdfast/contracts';
import { EVENT_TYPES } from '@holdfast/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { httpCall, type HttpAnswer } from '../harness/http-call.ts';
import { createSeeded } from '../harness/seeded.ts';
import type { Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { createProfileStack } from './support/profile-stack.ts';

/** Longer than an apply waits. */
const APPLY_MS = 330_000;
const ALL_ROUNDS = 1_000;
const ROUNDS = Number(process.env['HOLDFAST_SETTINGS_ROUNDS'] ?? 25);
const PART =
  ROUNDS >= ALL_ROUNDS
    ? ''
    : ` (PART: ${ROUNDS} of ${ALL_ROUNDS}, HOLDFAST_SETTINGS_ROUNDS=1000 does all)`;

const RATE = { limits: { rate_limit_rps: 777 } };

const callOf =
  (stack: Stack) =>
  (path: string, body?: unknown): Promise<HttpAnswer> =>
    httpCall(`${stack.url}/v1/config/${path}`, {
      token: stack.token(),
      timeoutMs: APPLY_MS,
      ...(body === undefined ? {} : { body }),
    });

/** Up and whole, however long a busy machine takes for that. */
const started = async (stack: Stack): Promise<void> => {
  const { stderr } = await stack.up();
  expect(stderr).toBe('');
  await until('the stack is whole', async () => {
    const { state } = await stack.guardian.getGuardianStatus({});
    return state === 'running';
  });
};

const pendingPath = (stack: Stack): string => join(stack.home, 'configs', 'pending.json');
const pendingFile = (stack: Stack): ConfigEntry => {
  const bytes = readFileSync(pendingPath(stack));
  expect(bytes.every((byte) => byte < 0x80)).toBe(true);
  return JSON.parse(bytes.toString('latin1')) as ConfigEntry;
};

describe('the configurator', () => {
  let stack: Stack;
  let call: ReturnType<typeof callOf>;
  beforeAll(async () => {
    stack = await createProfileStack({ rate_limit_rps: 100_000, health_interval_s: 3_600 });
    await started(stack);
    call = callOf(stack);
  });
  afterAll(() => stack?.destroy());
  afterEach(async () => {
    const { pending } = await settled();
    if (pending !== null) await stack.governance.cancelChange({ id: pending.change });
    while ((await settled()).active !== null) await call('revert', {});
  });

  const ok = async (answer: Promise<HttpAnswer>): Promise<Record<string, never>> => {
    const { status, text, json } = await answer;
    expect([status, text]).toEqual([200, expect.any(String)]);
    return json<Record<string, never>>();
  };
  const effective = async (): Promise<Record<string, Record<string, unknown>>> =>
    (await ok(call('profile')))['effective'] as never;
  /** Nothing is on its way; what answers is replaced itself at times. */
  const settled = () =>
    until('nothing is on its way', async () => {
      const { items } = await stack.governance.getConfigHistory({ limit: 3 });
      const { setupDone } = await stack.governance.getConfigProfile({});
      const open = items.some(({ state }) => state === 'applying');
      return setupDone && !open && stack.governance.getConfigStatus({});
    });
  const inForce = async (patch: object): Promise<void> => {
    const { change } = await ok(call('propose', patch));
    const { active } = (await ok(call('apply', {}))) as never as { active: ConfigEntry };
    expect(['applying', 'applied']).toContain(active.state);
    expect((await settled()).active).toMatchObject({ change, state: 'applied' });
  };

  test('23: applying with nothing proposed and reverting with nothing in force is 409', async () => {
    for (const path of ['apply', 'revert']) expect((await call(path, {})).status, path).toBe(409);
    expect(existsSync(pendingPath(stack))).toBe(false);
  });

  test.each([
    [{ limits: { rate_limit_rps: 'fast' } }, 'limits.rate_limit_rps'],
    [{ limits: { no_such: 1 } }, 'limits.no_such'],
    [{ logging: { level: 'loud' } }, 'logging.level'],
    [{ nothing: { of: 'this' } }, 'nothing'],
  ])('24: %j is 400 with the path, and nothing is written', async (patch, path) => {
    const before = existsSync(pendingPath(stack));
    const answer = await call('propose', patch);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'config_patch_invalid', path });
    expect(existsSync(pendingPath(stack))).toBe(before);
  });

  test('27: what is not in the small allow-list of user is 403 there', async () => {
    for (const patch of [{ limits: { max_hosts: 5 } }, { librarian: { max_files: 5 } }]) {
      const answer = await call('propose', patch);
      expect(answer.status).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'config_key_forbidden', profile: 'user' });
    }
  });

  test('18, 19, 20: a patch is proposed, applied and reverted, and the file and the values follow', async () => {
    const proposed = await ok(call('propose', { ...RATE, ttl_sec: 120 }));
    expect(proposed).toMatchObject({ ok: true, pending: { state: 'proposed', patch: RATE } });
    const file = pendingFile(stack);
    expect(file).toMatchObject({ change: proposed['change'], state: 'proposed', patch: RATE });
    expect(file.ttl - file.ts).toBe(120);
    expect((await effective())['limits']).toMatchObject({ rate_limit_rps: 100_000 });

    const applied = await ok(call('apply', {}));
    expect(applied).toMatchObject({ ok: true, active: { state: 'applied' } });
    expect(pendingFile(stack)).toMatchObject({ state: 'applied', patch: RATE });
    expect((await effective())['limits']).toMatchObject({ rate_limit_rps: 777 });

    expect(await ok(call('revert', {}))).toMatchObject({ ok: true, active: null });
    expect(pendingFile(stack)).toMatchObject({ state: 'reverted', patch: RATE });
    expect((await effective())['limits']).toMatchObject({ rate_limit_rps: 100_000 });
  });

  test('19, 20: a rate limit is truly in force, and truly gone', async () => {
    const flood = async (): Promise<Set<number>> => {
      const calls = Array.from({ length: 60 }, () => call('status'));
      return new Set((await Promise.all(calls)).map(({ status }) => status));
    };
    expect([...(await flood())]).toEqual([200]);
    await inForce({ limits: { rate_limit_rps: 2 } });
    expect([...(await flood())]).toContain(429);
    // Its own limit does not keep the way back shut for long.
    await until(
      'reverting passes the limit',
      async () => (await call('revert', {})).status === 200,
    );
    expect([...(await flood())]).toEqual([200]);
  });

  test('19: an interval is truly in force', async () => {
    const summaries = async (): Promise<number> => {
      const type = EVENT_TYPES.healthSummary;
      return (await stack.log.listEntries({ type, limit: 100 })).items.length;
    };
    const before = await summaries();
    expect(before).toBeLessThan(4);
    await inForce({ infrastructure: { health_interval_s: 1 } });
    await until('summaries come every second', async () => (await summaries()) >= before + 4);
  });

  test('19, 20: a log level is truly in force, and truly gone', async () => {
    const debugLines = (): number =>
      readFileSync(join(stack.home, 'logs', 'gateway.log'), 'utf8').split('"level":"debug"')
        .length - 1;
    await call('status');
    expect(debugLines()).toBe(0);
    await inForce({ logging: { level: 'debug' } });
    await until('the gateway says more', async () => {
      await call('status');
      return debugLines() > 0;
    });
    await ok(call('revert', {}));
    expect((await settled()).active).toBeNull();
    const after = await until('the new gateway answers', async () => {
      await call('status');
      return debugLines();
    });
    for (let n = 0; n < 5; n += 1) await call('status');
    expect(debugLines()).toBe(after);
  });

  test('21: a proposal outlives a restart of everything', async () => {
    const { change } = await ok(call('propose', RATE));
    await stack.down();
    await started(stack);
    expect(pendingFile(stack)).toMatchObject({ change, state: 'proposed' });
    expect(await ok(call('apply', {}))).toMatchObject({ change, active: { state: 'applied' } });
    expect((await effective())['limits']).toMatchObject({ rate_limit_rps: 777 });
    await stack.down();
    await started(stack);
    expect((await effective())['limits']).toMatchObject({ rate_limit_rps: 777 });
  });

  test('22: a proposal of a second cannot be applied after two', async () => {
    const { pending } = (await ok(call('propose', { ...RATE, ttl_sec: 1 }))) as never as {
      pending: ConfigEntry;
    };
    await until('its time is over', () => Date.now() >= Date.parse(pending.expires_at) + 1_000);
    const answer = await call('apply', {});
    expect([answer.status, answer.json()]).toMatchObject([409, { code: 'config_expired' }]);
    expect((await effective())['limits']).toMatchObject({ rate_limit_rps: 100_000 });
    await until('the file says so', () => pendingFile(stack).state === 'expired');
  });

  test('25: of two proposals at the same time one wins, and the other is told', async () => {
    const answers = await Promise.all([
      call('propose', RATE),
      call('propose', { logging: { level: 'warn' } }),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    const won = answers.find(({ status }) => status === 200)!.json<{ pending: ConfigEntry }>();
    expect(pendingFile(stack)).toMatchObject({ patch: won.pending.patch });
    expect((await call('propose', RATE)).json()).toMatchObject({ code: 'config_pending' });
  });

  test('19: what somebody else proposed since is not applied in its place; a call without a body applies what there is', async () => {
    const proposed = async (patch: object): Promise<string> =>
      String((await ok(call('propose', patch)))['change']);
    const first = await proposed(RATE);
    await stack.governance.cancelChange({ id: first });
    const second = await proposed({ logging: { level: 'warn' } });
    const refused = await stack.cli('config', 'apply', first);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('config_superseded'),
    ]);
    const stale = await call('apply', { base_revision: 'of yesterday' });
    expect([stale.status, stale.json()]).toMatchObject([409, { code: 'plan_stale' }]);
    const plain = await httpCall(`${stack.url}/v1/config/apply`, {
      method: 'POST',
      token: stack.token(),
      timeoutMs: APPLY_MS,
    });
    expect([plain.status, plain.json()]).toMatchObject([200, { change: second }]);
    expect((await settled()).active).toMatchObject({ change: second });
  });

  test.each(['replaced', 'killed'])(
    '18, 20: the command line tells the true end while governance is %s by it',
    async (how) => {
      const pidOf = async (name: string): Promise<number | null | undefined> =>
        (await stack.processes()).find((process) => process.name === name)?.pid;
      const ended = async (...words: string[]) => {
        const before = await pidOf('governance');
        const latest = async () => (await stack.governance.getConfigHistory({ limit: 1 })).items[0];
        const known = (await latest())?.state === 'proposed' ? '' : (await latest())?.change;
        const working = stack.cli('config', ...words, '--json');
        if (how === 'killed' && before) {
          await until('it is on its way', async () => {
            const last = await latest();
            return last?.change !== known && last?.state === 'applying';
          });
          process.kill(before, 'SIGKILL');
        }
        const { code, stderr, json } = await working;
        expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')]);
        expect(await pidOf('governance')).not.toBe(before);
        return json();
      };
      const { change } = (
        await stack.cli('config', 'propose', 'logging.level=debug', '--json')
      ).json<{ change: string }>();
      expect(await ended('apply')).toMatchObject({ change, active: { change, state: 'applied' } });
      expect(await ended('revert')).toMatchObject({ active: null });
      expect((await settled()).active).toBeNull();
    },
  );

  test('28: every change has author, time, before, after and revision, and the history can be read', async () => {
    const from = (await stack.governance.getConfigHistory({})).total;
    await inForce(RATE);
    await ok(call('revert', {}));
    const { items, total } = await stack.governance.getConfigHistory({});
    expect(total).toBe(from + 2);
    expect(items.slice(0, 2)).toMatchObject([
      { author: 'owner', state: 'applied', patch: { limits: { rate_limit_rps: 100_000 } } },
      {
        author: 'owner',
        state: 'reverted',
        patch: RATE,
        before: { limits: { rate_limit_rps: 100_000 } },
      },
    ]);
    for (const item of items.slice(0, 2)) {
      expect(item.revision).toMatch(/^[0-9a-f]{64}$/);
      expect(Date.parse(item.applied_at!)).toBeGreaterThanOrEqual(Date.parse(item.proposed_at));
    }
  });
});

test('27: what user refuses, pro takes; pro refuses security keys', async () => {
  const stack = await createProfileStack({}, { profile: 'pro' });
  try {
    await started(stack);
    const call = callOf(stack);
    expect((await call('propose', { security: { local_heal: true } })).status).toBe(403);
    expect((await call('propose', { limits: { max_hosts: 20_000 } })).status).toBe(200);
  } finally {
    await stack.destroy();
  }
});

test(`26: propose, apply and revert at random with kill -9 between: no half file, nothing lost, nothing twice${PART}`, async () => {
  const stack = await createProfileStack({ rate_limit_rps: 100_000 });
  const { next, below, pick } = createSeeded(26);
  try {
    await started(stack);
    const call = callOf(stack);
    const victims: readonly (KernelId | 'gateway' | 'guardian')[] = [
      ...(['governance', 'workflow_engine', 'message_bus'] as const),
      'gateway',
      'guardian',
    ];
    const accepted = new Set<string>();
    const kill = async (): Promise<void> => {
      const name = pick(victims);
      const one = (await stack.processes()).find((process) => process.name === name);
      if (one?.pid) process.kill(one.pid, 'SIGKILL');
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      const step = pick([
        () => call('propose', { limits: { rate_limit_rps: 50_000 + below(10_000) } }),
        () => call('apply', {}),
        () => call('revert', {}),
      ]);
      const working = step().catch(() => undefined);
      if (next() < 0.5) await kill().catch(() => undefined);
      const answer = await working;
      if (answer?.status === 200) accepted.add(answer.json<{ change: string }>().change);
      if (existsSync(pendingPath(stack))) pendingFile(stack);
    }
    await until(
      'the stack is whole',
      async () => (await stack.guardian.getGuardianStatus({})).state === 'running',
    );
    const settled = await until('nothing is on its way', async () => {
      const status = await stack.governance.getConfigStatus({});
      const { items } = await stack.governance.getConfigHistory({ limit: 1_000 });
      const profile = await stack.governance.getConfigProfile({});
      const busy = items.some(({ state }) => state === 'applying');
      return !busy && profile.setupDone && { status, items };
    });
    const known = settled.items.map(({ change }) => change);
    expect(new Set(known).size).toBe(known.length);
    for (const change of accepted) expect(known).toContain(change);
    const active = JSON.parse(readFileSync(join(stack.home, 'configs', 'active.json'), 'utf8'));
    expect(active).toEqual(settled.status.in_force);
    const set = settled.status.active?.patch ?? {};
    expect(active.overrides).toEqual(set);
    expect((await stack.cli('log', 'verify')).code).toBe(0);
  } finally {
    await stack.destroy();
  }
}, 3_600_000);
