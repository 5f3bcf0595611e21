import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  packageOperationSchema,
  type ApplyContext,
  type PackageDriver,
  type StepAction,
  type StepResult,
} from '@holdfast/contracts';
import { processStartTime } from '@holdfast/drivers';

/**
 * A driver whose every effect can be counted. An environment is a folder: `packages.json` holds what is installed,
 * `effects.log` has one line for each begin and each effect of a child process. A child waits for the file `go`
 * before its effect; the driver waits for the file `return` before it says that it is done.
 */
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const waitForFile = async (path: string, signal: AbortSignal): Promise<void> => {
  while (!(await exists(path)) && !signal.aborted) await delay(10);
};

const readPackages = async (environment: string): Promise<Record<string, string>> =>
  JSON.parse(await readFile(join(environment, 'packages.json'), 'utf8')) as Record<string, string>;

/** Runs in a process of its own, so that it outlives an agent that is killed. */
const CHILD = `
const { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const [name, version] = process.argv.slice(1);
process.stdin.once('data', () => {
  appendFileSync('effects.log', 'begin ' + process.pid + '\\n');
  const timer = setInterval(() => {
    if (!existsSync('go')) return;
    clearInterval(timer);
    const packages = { ...JSON.parse(readFileSync('packages.json', 'utf8')), [name]: version };
    writeFileSync('packages.new', JSON.stringify(packages));
    renameSync('packages.new', 'packages.json');
    appendFileSync('effects.log', 'effect ' + name + ' ' + version + '\\n');
    process.exit(0);
  }, 10);
});
process.stdin.once('end', () => process.exit(1));
`;

const runChild = async (
  environment: string,
  words: readonly string[],
  { onSpawn, signal }: ApplyContext,
): Promise<number | null> => {
  const child = spawn(process.execPath, ['-e', CHILD, ...words], {
    cwd: environment,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const pid = child.pid!;
  await onSpawn({ pid, start_time: (await processStartTime(pid)) ?? '' });
  child.stdin.write('\n');
  const stop = (): void => void process.kill(-pid, 'SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  const [code] = await closed;
  signal.removeEventListener('abort', stop);
  return code;
};

const apply = async (action: StepAction, context: ApplyContext): Promise<StepResult> => {
  const environment = String(action.params['environment']);
  const operations = packageOperationSchema.array().parse(action.params['operations']);
  await appendFile(join(environment, 'effects.log'), 'apply\n');
  for (const { package: name, to } of operations) {
    if ((await readPackages(environment))[name] === to || to === null) continue;
    const code = await runChild(environment, [name, to], context);
    if (code !== 0) return { status: 'failed', code: 'step_failed', detail: `ended with ${code}` };
  }
  await waitForFile(join(environment, 'return'), context.signal);
  return { status: 'succeeded', detail: 'done' };
};

export const createSlowDriver = (): PackageDriver => ({
  id: 'pip',
  capabilities: { inventory: true, apply: true, system: false },
  probe: () => Promise.resolve({ isolated: true, detail: 'a folder' }),
  async inventory(place) {
    const environment = place === 'system' ? 'system' : place.path;
    return {
      manager: 'pip',
      environment,
      packages: await readPackages(environment),
      coverage: { status: 'complete', scanned: [environment] },
      scanned_at: new Date().toISOString(),
    };
  },
  resolve: () => Promise.resolve([]),
  verify: () => Promise.resolve({ ok: true, detail: 'would work' }),
  apply,
});
