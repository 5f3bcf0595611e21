import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A real PostgreSQL server of a test's own, in a temporary directory, on a free port. */
export interface PostgresServer {
  /** `postgres://holdfast:<password>@127.0.0.1:<port>/postgres`, a superuser. */
  url: string;
  port: number;
  pid(): number;
  /** Fast shutdown, or SIGKILL of the server's own process group, and a new start on the same data. */
  restart(how: 'fast' | 'kill'): Promise<void>;
  stop(): Promise<void>;
}

export const postgresPassword = 'p%40ss-word';

function findBinaries(): string | undefined {
  const versions = '/usr/lib/postgresql';
  const packaged = existsSync(versions)
    ? readdirSync(versions)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(versions, version, 'bin'))
    : [];
  const folders = [...packaged, ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.find(
    (folder) => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'initdb')),
  );
}

/** The server refuses to run as root; the packages' own user is then the one to be. */
function serverUser(): { uid: number; gid: number } | undefined | 'none' {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('postgres:'));
  if (line === undefined) return 'none';
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when the server says on stderr that it takes connections. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('ready to accept connections')) resolve();
    });
    child.once('exit', () => reject(new Error(`postgres did not start:\n${output}`)));
  });
}

const exited = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

/** Collates by language rules where the build can, so that a test notices when order depends on it. */
function initialise(binaries: string, data: string, passwordFile: string, user: object): void {
  const common = ['-D', data, '-U', 'holdfast', '-A', 'scram-sha-256', '--pwfile', passwordFile];
  const locales = [
    ['-E', 'UTF8', '--locale-provider=icu', '--icu-locale=en', '--locale=C.UTF-8'],
    ['-E', 'UTF8', '--locale=C.UTF-8'],
    ['-E', 'UTF8', '--locale=C'],
  ];
  let said = '';
  for (const locale of locales) {
    const run = spawnSync(join(binaries, 'initdb'), [...common, ...locale, '--no-sync'], {
      ...user,
      encoding: 'utf8',
      cwd: tmpdir(),
    });
    if (run.status === 0) return;
    said += run.stderr;
    rmSync(data, { recursive: true, force: true });
  }
  throw new Error(`initdb failed:\n${said}`);
}

/** Starts a server, or returns undefined when this machine has none to start. */
export async function startPostgres(): Promise<PostgresServer | undefined> {
  const binaries = findBinaries();
  const user = serverUser();
  if (binaries === undefined || user === 'none') return undefined;
  const root = mkdtempSync(join(tmpdir(), 'holdfast-pg-'));
  if (user !== undefined) chownSync(root, user.uid, user.gid);
  const data = join(root, 'data');
  const passwordFile = join(root, 'password');
  spawnSync('sh', ['-c', 'umask 077; cat > "$0"', passwordFile], {
    ...user,
    input: decodeURIComponent(postgresPassword),
  });
  initialise(binaries, data, passwordFile, user ?? {});
  const port = await freePort();
  const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', root];
  const settings = ['-c', 'shared_buffers=32MB', '-c', 'fsync=on', '-c', 'max_connections=40'];

  async function start(): Promise<ChildProcess> {
    const child = spawn(join(binaries as string, 'postgres'), [...args, ...settings], {
      ...(user as object | undefined),
      cwd: root,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env['PATH'] },
    });
    await ready(child);
    return child;
  }

  let child = await start();

  /** SIGINT is the server's fast shutdown; its exit is awaited, so that no zombie keeps its pid. */
  async function end(how: 'fast' | 'kill'): Promise<void> {
    const gone = exited(child);
    if (how === 'fast') child.kill('SIGINT');
    else killServer(child.pid as number);
    await gone;
  }

  return {
    url: `postgres://holdfast:${postgresPassword}@127.0.0.1:${port}/postgres`,
    port,
    pid: () => child.pid as number,
    async restart(how) {
      await end(how);
      child = await start();
    },
    async stop() {
      await end('fast');
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The postmaster's backends have sessions of their own, so they are found by their parent. */
function killServer(pid: number): void {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  process.kill(pid, 'SIGKILL');
  for (const child of children) if (child !== '') process.kill(Number(child), 'SIGKILL');
}
