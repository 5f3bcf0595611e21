import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GuardianNews, GuardianStatus } from '@holdfast/contracts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';

export interface Launched {
  readonly child: ChildProcess;
  readonly url: string;
  readonly status: GuardianStatus;
  /** Settings that the profile of this start does not take. */
  readonly dropped: readonly string[];
}

const programOf = (context: CliContext): string =>
  fileURLToPath(new URL('keeper.js', context.dist));

/** Resolves with what the guardian says about its start; rejects with why it refused or died. */
const awaitNews = (child: ChildProcess, lastWords: () => string): Promise<Launched> =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new CliError(`the guardian ended with code ${code}`, { next: lastWords() })),
    );
    child.on('message', (news: GuardianNews) => {
      if (news.type === 'started') {
        const { url, status, dropped } = news;
        resolve({ child, url, status, dropped });
      } else reject(new CliError(`${news.message} (${news.code})`));
    });
  });

/** Without a profile by name the environment may name one, or the one in force stays. */
const envOf = (context: CliContext, profile: string | undefined): NodeJS.ProcessEnv => ({
  ...context.process.env,
  HOLDFAST_HOME: context.home,
  ...(profile === undefined ? {} : { HOLDFAST_PROFILE: profile }),
});

/** Starts the guardian in the background, its output in `logs/guardian.out`, and lets go of it once it has started. */
export const launchDetached = async (context: CliContext, profile?: string): Promise<Launched> => {
  const logs = join(context.home, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const file = join(logs, 'guardian.out');
  const output = openSync(file, 'w', 0o600);
  const env = envOf(context, profile);
  const child = fork(programOf(context), [], {
    detached: true,
    env,
    stdio: ['ignore', output, output, 'ipc'],
    execArgv: [],
  });
  const launched = await awaitNews(
    child,
    () => readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '',
  );
  child.disconnect();
  child.unref();
  return launched;
};

/** Runs the guardian in the foreground on this terminal until it ends; answers its exit code. */
export const runForeground = (context: CliContext, profile?: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const env = { ...envOf(context, profile), HOLDFAST_FOREGROUND: '1' };
    const child = fork(programOf(context), [], {
      env,
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      execArgv: [],
    });
    // The terminal sends its interrupt to the whole group; a signal to this process alone is passed on.
    context.process.on('SIGINT', () => {});
    context.process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
