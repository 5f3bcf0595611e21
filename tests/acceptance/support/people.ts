import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Change, Principal } from '@holdfast/contracts';
import type { RealProvider } from '../../../kernels/governance/governance/identity/test-support/real-provider.ts';
import { httpCall, type HttpAnswer, type HttpCallOptions } from '../../harness/http-call.ts';
import { runProgram, type Finished } from '../../harness/run-program.ts';
import { ROOT, type Stack } from '../../harness/stack.ts';
import { until } from '../../harness/until.ts';

const program = join(ROOT, 'bin', 'holdfast');

/** Somebody with a machine of their own: a command line, its session and its keys, and nothing of the owner's. */
export interface Person {
  readonly name: string;
  /** The principal, once they called or logged in. */
  readonly id: string;
  cli(...args: string[]): Promise<Finished>;
  /** Logs in through the pages of the identity provider, as with a browser. */
  logIn(): Promise<Finished>;
  /** A call of the main API with a token that they made for themselves. */
  http(path: string, options?: HttpCallOptions): Promise<HttpAnswer>;
}

export interface PersonOptions {
  readonly stack: Stack;
  /** Where their folders are made. */
  readonly folder: string;
  readonly name: string;
  readonly provider?: RealProvider;
  /** They act by this token instead of a login. */
  readonly token?: string;
}

const finished = (code: number | null, stdout: string, stderr: string): Finished => ({
  code,
  stdout,
  stderr,
  json: <T>() => JSON.parse(stdout) as T,
});

export const createPerson = ({ stack, folder, name, provider, token }: PersonOptions): Person => {
  const home = join(folder, name);
  mkdirSync(home, { recursive: true });
  const env = {
    ...stack.env,
    HOLDFAST_HOME: home,
    HOLDFAST_CLI_DIR: join(home, 'cli'),
    HOLDFAST_URL: stack.url,
    ...(token === undefined ? {} : { HOLDFAST_TOKEN: token }),
  };
  const cli: Person['cli'] = (...args) => runProgram(program, args, { env });
  let id: string | undefined;
  let own = token;

  const logIn = async (): Promise<Finished> => {
    if (provider === undefined) throw new Error(`${name} has no identity provider`);
    const child = spawn(program, ['login', '--json'], { env });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const url = await new Promise<string | undefined>((resolve) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
        const found = /^ +(http\S+)$/m.exec(stderr)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.once('close', () => resolve(undefined));
    });
    if (url !== undefined) await fetch(await provider.logIn(url, name));
    const result = finished(await ended, stdout, stderr);
    if (result.code === 0) id = result.json<{ principal: string }>().principal;
    return result;
  };

  return {
    name,
    get id() {
      if (id === undefined) throw new Error(`${name} did not call yet`);
      return id;
    },
    async cli(...args) {
      const result = await cli(...args);
      if (args[0] === 'whoami' && args.includes('--json')) id = result.json<Principal>().id;
      return result;
    },
    logIn,
    async http(path, options = {}) {
      own ??= (await cli('tokens', 'create', '--expires', '1h')).stdout.trim();
      return httpCall(stack.url + path, { token: own, ...options });
    },
  };
};

/** The change as somebody sees it once it is so; fails with what it was at the end. */
export const seenAs = async (
  person: Pick<Person, 'cli'>,
  id: string,
  what: string,
  isSo: (change: Change) => boolean,
): Promise<Change> =>
  until(`${id} ${what}`, async () => {
    const change = (await person.cli('changes', 'show', id, '--json')).json<Change>();
    if (isSo(change)) return change;
    throw new Error(`${change.state}: ${JSON.stringify(change.reasons)}`);
  });
