import { spawn } from 'node:child_process';
import { readFile, readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPortOpen } from './test-support/claim-offset.ts';
import { fetchText, type RunningGuardian } from './test-support/guardian-world.ts';
import { useSharedWorld, useWorld } from './test-support/use-world.ts';

const STRONG = 'kR7-vonder-2-plaice-9x';

describe('a stack that was started', { timeout: 30_000 }, () => {
  let running: RunningGuardian;
  const world = useSharedWorld(async (one) => {
    running = one.start({
      HOLDFAST_FOREGROUND: '1',
      ADMIN_TOKEN: STRONG,
      HOLDFAST_DATABASE_URL: 'postgres://someone:hunter2@127.0.0.1/x',
      PIP_INDEX_URL: 'file:///packages',
      HTTPS_PROXY: 'http://127.0.0.1:3128',
      AWS_SECRET_ACCESS_KEY: 'not-for-children',
    });
    await running.news;
  });

  it('brings everything that is shipped and enabled up, and says why the rest is not there', async () => {
    expect(await running.news).toMatchObject({ type: 'started', status: { state: 'running' } });
    expect(running.output()).toMatch(/message_bus +healthy port \d+ pid \d+/);
    expect(running.output()).toMatch(/agent +healthy pid \d+/);
    expect(running.output()).toContain('workflow_engine         not_started: kernels.workflow');
    expect(running.output()).toMatch(/not in this build: .*governance/);
    expect(running.output()).toContain(`http://127.0.0.1:${world().port(8000)}`);
    expect(running.output()).toContain('running: 5 of 5 healthy');
    const status = await world().status();
    expect(status).toMatchObject({ profile: 'user', check_interval_s: 1.5 });
    expect(status.pid).toBe((await world().guardian()).pid);
    expect(status.kernels).toHaveLength(25);
    const rows = new Map(status.kernels.map((row) => [row.name, row]));
    expect(rows.get('message_bus')).toMatchObject({ port: world().port(8100), status: 'healthy' });
    expect(rows.get('workflow_engine')).toMatchObject({ port: null, status: 'not_started' });
    expect(rows.get('governance')).toMatchObject({ port: null, status: 'not_installed' });
  });

  it('tells the bus first, then the ledger, then the rest, and the agent last', async () => {
    const told = (await world().trace()).filter((line) => line.what === 'init');
    const kernels = told.map((line) => line.name).filter((name) => name !== 'gateway');
    expect(kernels).toEqual(['message_bus', 'immutable_log', 'infrastructure_manager', 'agent']);
  });

  it('gives a child only what it needs: no token, no database password, pip settings for the agent', async () => {
    const told = (await world().trace()).filter((line) => line.what === 'init');
    const names = told.map((line) => line.name);
    expect(names.sort()).toEqual(
      ['agent', 'gateway', 'immutable_log', 'infrastructure_manager', 'message_bus'].sort(),
    );
    for (const line of told) {
      const outside = JSON.stringify([line.env, line.argv]);
      expect(outside).not.toMatch(/hunter2|not-for-children/);
      expect(outside).not.toContain(STRONG);
      expect(line.env['HTTPS_PROXY']).toBe('http://127.0.0.1:3128');
      expect(line.env['PIP_INDEX_URL']).toBe(
        line.name === 'agent' ? 'file:///packages' : undefined,
      );
      expect(JSON.stringify(line.init)).not.toContain(STRONG);
      const withDatabase = ['gateway', 'agent'].includes(line.name)
        ? undefined
        : expect.any(String);
      expect(line.init['databaseUrl']).toEqual(withDatabase);
      expect(line.init['enrolmentToken']).toBe(line.name === 'agent' ? 'enrol-once' : undefined);
    }
    expect((await world().trace()).map((line) => line.what)).toContain('enrolment true');
  });

  it('refuses a second guardian in the same home and leaves the first alone', async () => {
    const before = await world().status();
    const second = world().start();
    expect(await second.news).toMatchObject({
      type: 'refused',
      code: 'already_running',
      message: `a stack already runs in ${world().home} as pid ${running.pid}`,
    });
    expect(await second.exit).toMatchObject({ code: 1 });
    const after = await world().status();
    expect(after.kernels.map((row) => row.pid)).toEqual(before.kernels.map((row) => row.pid));
    expect((await world().guardian()).pid).toBe(before.pid);
  });
});

describe('a start', { timeout: 30_000 }, () => {
  const world = useWorld();

  const readJson = async (name: string): Promise<Record<string, unknown>> =>
    JSON.parse(await readFile(join(world().home, name), 'utf8')) as Record<string, unknown>;

  const modeOf = async (...path: string[]): Promise<number> =>
    (await stat(join(world().home, ...path))).mode & 0o777;

  it('makes an owner token once, shows it once, and keeps only its hash', async () => {
    const first = world().start({ HOLDFAST_FOREGROUND: '1' });
    await first.news;
    const { token, url } = (await readJson('credentials.json')) as { token: string; url: string };
    expect(token).toMatch(/^hf_[\w-]{43}$/);
    expect(url).toBe(`http://127.0.0.1:${world().port(8000)}`);
    expect(first.output()).toContain(token);
    expect(await modeOf('credentials.json')).toBe(0o600);
    expect(await modeOf('auth.json')).toBe(0o600);
    expect(await modeOf()).toBe(0o700);
    const auth = await readJson('auth.json');
    expect(JSON.stringify(auth)).not.toContain(token);
    for (const file of await readdir(join(world().home, 'logs'))) {
      expect(await readFile(join(world().home, 'logs', file), 'utf8')).not.toContain(token);
    }
    first.process.kill('SIGTERM');
    await first.exit;
    const second = world().start({ HOLDFAST_FOREGROUND: '1' });
    await second.news;
    expect(second.output()).not.toContain(token);
    expect(await readJson('credentials.json')).toEqual({ token, url });
    expect(await readJson('auth.json')).toEqual(auth);
  });

  it('lets exactly one of four that start at once have the home', async () => {
    const all = [1, 2, 3, 4].map(() => world().start());
    const news = await Promise.all(all.map((one) => one.news));
    expect(news.map((one) => one.type).sort()).toEqual([
      'refused',
      'refused',
      'refused',
      'started',
    ]);
  });

  it('names who holds the public port, starts nothing, and kills nobody', async () => {
    const own = createServer();
    await new Promise<void>((resolve) => own.listen(world().port(8000), '127.0.0.1', resolve));
    try {
      const guardian = world().start();
      const news = await guardian.news;
      expect(news).toMatchObject({ type: 'refused', code: 'port_taken' });
      const { message } = news as { message: string };
      expect(message).toContain(`port ${world().port(8000)} for gateway: held by `);
      expect(message).toContain(
        process.platform === 'linux' ? `(pid ${process.pid})` : 'held by another process',
      );
      expect(await guardian.exit).toMatchObject({ code: 1 });
      expect(await world().trace()).toEqual([]);
      expect(await readdir(join(world().home, 'run'))).toEqual([]);
    } finally {
      own.close();
    }
  });

  it('moves a kernel whose port somebody holds to a free one of its tier, also for later starts', async () => {
    const script = `const s=require('net').createServer().listen(${world().port(8101)},'127.0.0.1',()=>console.log('up'))`;
    const other = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await world().remember(other.pid ?? 0);
    await new Promise((resolve) => other.stdout.once('data', resolve));
    try {
      const first = world().start();
      await first.news;
      const row = await world().rowOf('immutable_log');
      expect(row).toMatchObject({ status: 'healthy', port: world().port(8106) });
      expect(other.exitCode).toBeNull();
      expect(JSON.parse(await fetchText(world().port(8102), '/ports'))).toMatchObject({
        immutable_log: world().port(8106),
      });
      first.process.kill('SIGTERM');
      await first.exit;
    } finally {
      other.kill('SIGKILL');
    }
    await world().start().news;
    expect((await world().rowOf('immutable_log')).port).toBe(world().port(8106));
  });

  it.each([
    [{ ADMIN_TOKEN: '' }, 'admin_token_weak', 'ADMIN_TOKEN: it is empty'],
    [{ ADMIN_TOKEN: 'change-me-in-production' }, 'admin_token_weak', 'it is a well-known value'],
    [
      { HOLDFAST_PROFILE: 'nobody' },
      'profile_unknown',
      'profile nobody: there is none of that name',
    ],
    [
      { HOLDFAST_PORT_OFFSET: '9 9' },
      'config_invalid',
      'HOLDFAST_PORT_OFFSET: expected a whole number',
    ],
  ])('refuses %o with %s before anything runs', async (env, code, words) => {
    const guardian = world().start(env);
    const news = await guardian.news;
    expect(news).toMatchObject({ type: 'refused', code });
    expect((news as { message: string }).message).toContain(words);
    expect(await guardian.exit).toMatchObject({ code: 1 });
    expect(guardian.output()).toContain(words);
    expect(guardian.output()).not.toMatch(/\n +at /);
    expect(await world().trace()).toEqual([]);
  });

  it('does not wait for a kernel that dies: the others serve, and it is told of as failed', async () => {
    await world().mode('immutable_log', 'exit-at-once');
    const guardian = world().start({ HOLDFAST_FOREGROUND: '1' });
    expect(await guardian.news).toMatchObject({ type: 'started', status: { state: 'degraded' } });
    expect(guardian.output()).toMatch(/immutable_log +failed port \d+.*: exited with code 3/);
    expect(guardian.output()).toMatch(/agent +healthy/);
    expect(JSON.parse(await fetchText(world().port(8102), '/ports'))).not.toHaveProperty(
      'immutable_log',
    );
    await world().mode('immutable_log', 'healthy');
    await world().rowWhen('immutable_log', (row) => row.status === 'healthy');
    expect(JSON.parse(await fetchText(world().port(8102), '/ports'))).toMatchObject({
      immutable_log: world().port(8101),
    });
    expect(await isPortOpen(world().port(8101))).toBe(true);
  });

  it('passes on what a kernel has against its configuration', async () => {
    await world().timings({ start_timeout_ms: 3000 });
    await world().mode('infrastructure_manager', 'failed');
    await world().start().news;
    const row = await world().rowOf('infrastructure_manager');
    expect(row.reason).toContain('config: colour is unknown; config: size is missing');
    expect(await world().rowOf('agent')).toMatchObject({
      status: 'starting',
      reason: 'waiting for infrastructure_manager',
    });
    await world().mode('infrastructure_manager', 'healthy');
    await world().rowWhen('agent', (now) => now.status === 'healthy');
  });
});
