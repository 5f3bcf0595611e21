import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { PROFILE_ALIASES } from '@holdfast/contracts';
import { afterEach, describe, expect, test } from 'vitest';
import { httpCall } from '../harness/http-call.ts';
import { isRunning } from '../harness/process-facts.ts';
import { runProgram } from '../harness/run-program.ts';
import { ROOT, createStack, type Stack } from '../harness/stack.ts';
import { tryConnect } from '../harness/tcp.ts';
import { until } from '../harness/until.ts';
import { createProfileStack, type ProfileStack } from './support/profile-stack.ts';

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;
const onWindows = process.platform === 'win32';
const onMac = process.platform === 'darwin';
const LINUX_ONLY = process.platform === 'linux' ? '' : ' (SKIPPED: needs Linux)';

type Json = Record<string, never>;

let stack: Stack | undefined;
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGTERM');
  await stack?.destroy();
  stack = undefined;
});

const healthz = async (url: string): Promise<Json> => {
  const answer = await httpCall(`${url}/healthz`);
  expect(answer.status).toBe(200);
  return answer.json<Json>();
};

const gitStatus = (): string =>
  execFileSync('git', ['status', '--porcelain'], { cwd: ROOT, encoding: 'utf8' });

/** What is built is taken as it is: building it again is no part of a start. */
const make = (target: string, env: NodeJS.ProcessEnv): ChildProcess => {
  const child = spawn('make', ['--old-file=build', target], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
  return child;
};

describe('profiles and start', () => {
  test('1, 2, 3, 4: make run-user, run-pro and run-ent one after another: each answers, with its own SEAL flag, and leaves nothing', async () => {
    stack = await createStack();
    const { url, env } = stack;
    const before = gitStatus();
    for (const [target, profile, seal] of [
      ['run-user', 'user', false],
      ['run-pro', 'pro', false],
      ['run-ent', 'enterprise-vip', true],
      ['run-user', 'user', false],
    ] as const) {
      const child = make(target, env);
      const answer = await until(`${target} answers`, () => healthz(url), START_LIMIT_MS);
      expect(answer).toMatchObject({ ok: true, profile, seal });
      await until(`${target} is whole`, async () => {
        const status = await stack!.guardian.getGuardianStatus({});
        return status.state === 'running';
      });
      expect(await stack.governance.getConfigProfile({})).toMatchObject({ profile });
      await stack.cli('down');
      if (child.exitCode === null) await once(child, 'exit');
    }
    expect(gitStatus()).toBe(before);
  });

  test('2: the profile of a running stack is switched by a change, and no caller is refused meanwhile', async () => {
    stack = await createProfileStack({ rate_limit_rps: 100_000 });
    const { url } = stack;
    expect((await stack.up()).code).toBe(0);
    const pids = await stack.processes();
    let calling = true;
    const seen: unknown[] = [];
    const callers = Array.from({ length: 3 }, async () => {
      while (calling)
        seen.push(
          await httpCall(`${url}/healthz`).then(
            ({ status }) => status,
            (error: NodeJS.ErrnoException) => error.code,
          ),
        );
    });
    const used = await stack.cli('profile', 'use', 'pro', '--json');
    calling = false;
    await Promise.all(callers);
    expect([used.code, used.json()]).toMatchObject([0, { profile: 'pro', running: true }]);
    expect(await healthz(url)).toMatchObject({ ok: true, profile: 'pro' });
    expect(seen.length).toBeGreaterThan(20);
    expect(seen.filter((one) => one !== 200)).toEqual([]);
    const kept = (await stack.processes()).filter(({ pid }) => pids.some((one) => one.pid === pid));
    expect(kept).toEqual([]);
    expect((await stack.guardian.listIncidents({})).incidents).toEqual([]);
  });

  test.each([
    ['pro', 'pro'],
    ['ent', 'enterprise-vip'],
    ['', 'user'],
  ])('5: PROFILE=%s in the environment starts %s', async (given, profile) => {
    stack = await createStack({ env: { PROFILE: given } });
    expect((await stack.cli('up', '--detach', '--json')).json()).toMatchObject({ profile });
    expect(await healthz(stack.url)).toMatchObject({ ok: true, profile });
  });
  test.skipIf(!onWindows)(
    `5: the same by run_windows.ps1${onWindows ? '' : ' (SKIPPED: needs Windows)'}`,
    async () => {
      const script = join(ROOT, 'scripts', 'run_windows.ps1');
      const ran = await runProgram('powershell', ['-File', script], { env: process.env });
      expect(ran.code).toBe(0);
    },
  );

  test('6: PROFILE=bogus is refused by an exit code and the names that there are', async () => {
    stack = await createStack({ env: { PROFILE: 'bogus' } });
    const up = await stack.cli('up', '--detach');
    expect(up.code).not.toBe(0);
    for (const name of ['user', 'pro', 'enterprise-vip']) expect(up.stderr).toContain(name);
  });

  test('6: every alias stands for one canonical name', async () => {
    stack = await createStack();
    for (const [alias, name] of Object.entries(PROFILE_ALIASES)) {
      const used = await stack.cli('profile', 'use', alias, '--json');
      expect(used.json(), alias).toMatchObject({ profile: name });
    }
  });
});

describe('inheritance', () => {
  const effective = async (one: Stack, name: string): Promise<Json> => {
    expect((await one.cli('profile', 'use', name)).code).toBe(0);
    const shown = await one.cli('profile', 'show', '--json');
    return shown.json<{ effective: Json }>().effective;
  };
  const all = async (one: Stack): Promise<Json[]> => {
    const found: Json[] = [];
    for (const name of ['user', 'pro', 'enterprise-vip']) found.push(await effective(one, name));
    return found;
  };

  test('7: a value of the base shows up in all three, unless it is overridden', async () => {
    const own: ProfileStack = await createProfileStack({ scan_interval_s: 77 });
    stack = own;
    const file = join(own.config, 'profiles', 'kernel.pro.yaml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\ninfrastructure: { offline_after_s: 99 }\n`);
    const found = await all(own);
    expect(found.map((one) => one['infrastructure'])).toMatchObject([
      { scan_interval_s: 77, offline_after_s: 300 },
      { scan_interval_s: 77, offline_after_s: 99 },
      { scan_interval_s: 77, offline_after_s: 99 },
    ]);
  });

  test('8: no limit shrinks from user to pro to enterprise-vip, and what one has the next one has', async () => {
    stack = await createStack();
    const [user, pro, enterprise] = (await all(stack)) as unknown as {
      limits: Record<string, number>;
      kernels: Record<string, { enabled: boolean }>;
      features: { seal: boolean };
    }[];
    const keys = Object.keys(user!.limits);
    expect(keys.length).toBeGreaterThanOrEqual(7);
    for (const key of keys) {
      expect(pro!.limits[key], key).toBeGreaterThanOrEqual(user!.limits[key]!);
      expect(enterprise!.limits[key], key).toBeGreaterThanOrEqual(pro!.limits[key]!);
    }
    const kernelsOf = (one: typeof user): string[] =>
      Object.entries(one!.kernels).flatMap(([id, { enabled }]) => (enabled ? [id] : []));
    expect(kernelsOf(pro)).toEqual(expect.arrayContaining(kernelsOf(user)));
    expect(kernelsOf(enterprise)).toEqual(expect.arrayContaining(kernelsOf(pro)));
    expect([user, pro, enterprise].map((one) => one!.features.seal)).toEqual([false, false, true]);
  });

  test.each([
    ['a missing parent', /^inherits: .*$/m, 'inherits: nobody', 'inherits'],
    ['a cycle', /^inherits: .*$/m, 'inherits: pro', 'inherits'],
    ['an unknown key', /^description: /m, 'colour: red\ndescription: ', 'colour'],
  ])('9: %s in a profile file is refused by file and key', async (_, what, by, key) => {
    const own = await createProfileStack({}, { profile: 'pro' });
    stack = own;
    const file = join(own.config, 'profiles', 'kernel.pro.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(what, by));
    const up = await own.up();
    expect(up.code).toBe(1);
    expect(up.stderr).toContain('kernel.pro.yaml');
    expect(up.stderr).toContain(key);
  });
});

describe('where it runs', () => {
  test(`10: it starts where there is no docker, and little else${LINUX_ONLY}`, async () => {
    const bin = mkdtempSync(join(tmpdir(), 'holdfast-bin-'));
    for (const tool of ['node', 'sh', 'env'])
      symlinkSync(
        execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(),
        join(bin, tool),
      );
    stack = await createStack({ env: { PATH: bin } });
    const up = await runProgram(
      process.execPath,
      [join(ROOT, 'bin', 'holdfast'), 'up', '--detach'],
      {
        env: stack.env,
      },
    );
    expect(up.stderr).toBe('');
    expect(await healthz(stack.url)).toMatchObject({ ok: true });
    expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(20);
    rmSync(bin, { recursive: true });
  });

  const unshares = ((): boolean => {
    try {
      execFileSync('unshare', ['-rn', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  })();
  const offline = unshares ? '' : ' (SKIPPED: this machine lets nobody take the network away)';
  test.skipIf(!unshares)(`11: a second start works without any network${offline}`, async () => {
    stack = await createStack();
    expect((await stack.up()).code).toBe(0);
    await stack.down();
    const holdfast = join(ROOT, 'bin', 'holdfast');
    const script = `ip link set lo up && "${holdfast}" up --detach && "${holdfast}" status; code=$?; "${holdfast}" down; exit $code`;
    const ran = await runProgram('unshare', ['-rn', 'sh', '-c', script], { env: stack.env });
    expect([ran.code, ran.stderr]).toEqual([0, '']);
  });
  test.skipIf(!onWindows)(
    `11: it starts on Windows${onWindows ? '' : ' (SKIPPED: needs Windows)'}`,
    async () => {
      stack = await createStack();
      expect((await stack.up()).code).toBe(0);
    },
  );
  test.skipIf(!onMac)(
    `11: it starts on macOS${onMac ? '' : ' (SKIPPED: needs macOS)'}`,
    async () => {
      stack = await createStack();
      expect((await stack.up()).code).toBe(0);
    },
  );

  test('12: no file of the package, and no text that it writes, has a byte above 0x7F', async () => {
    const isAscii = (path: string): boolean => readFileSync(path).every((byte) => byte < 0x80);
    const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
      .split('\0')
      .filter((name) => name !== '' && existsSync(join(ROOT, name)));
    expect(tracked.length).toBeGreaterThan(300);
    // What the check of just this is tried on.
    const sample = 'tools/fixtures/check-style/refuses-what-is-not-ascii/';
    const found = tracked.filter((name) => !isAscii(join(ROOT, name)));
    expect(found.filter((name) => !name.startsWith(sample))).toEqual([]);

    stack = await createStack();
    expect((await stack.up()).code).toBe(0);
    const text = JSON.stringify({ limits: { rate_limit_rps: 60 } });
    expect((await stack.cli('config', 'propose', text)).code).toBe(0);
    const written = readdirSync(stack.home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(json|jsonl|log|out|ya?ml|pem)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
    expect(written.map((path) => basename(path))).toContain('pending.json');
    expect(written.filter((path) => !isAscii(path))).toEqual([]);
  });

  test('13: what is killed is replaced, and SIGTERM stops all in time, with every port free', async () => {
    stack = await createStack();
    const child = spawn(join(ROOT, 'bin', 'holdfast'), ['up'], { env: stack.env, stdio: 'ignore' });
    children.push(child);
    const { url, guardian, offset } = stack;
    const whole = () =>
      guardian.getGuardianStatus({}).then((now) => now.state === 'running' && now);
    const status = await until('all is up', whole, START_LIMIT_MS);
    const [gateway] = status.processes;
    process.kill(gateway!.pid!, 'SIGKILL');
    await until('the gateway is replaced', async () => {
      const now = await whole();
      return now !== false && now.processes[0]!.pid !== gateway!.pid;
    });
    expect(await healthz(url)).toMatchObject({ ok: true });
    const pids = (await stack.processes()).map(({ pid }) => pid!);
    child.kill('SIGTERM');
    await until('all is stopped', () => !pids.some(isRunning), STOP_LIMIT_MS);
    if (child.exitCode === null) await once(child, 'exit');
    for (const { port } of [...status.kernels, gateway!])
      if (port !== null) expect(await tryConnect(port), String(port)).toBe('ECONNREFUSED');
    expect(await tryConnect(8000 + offset)).toBe('ECONNREFUSED');
  });
});
