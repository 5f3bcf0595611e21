import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { MAX_ANSWER_BYTES } from '../cluster.ts';
import type { LogStream, Outcome } from '../cluster.ts';
import { linesOf } from '../lines.ts';
import { failure, messageOf, RC, serverReason } from '../outcome.ts';

/** How a program is called: never through a shell, so that no argument is ever read as anything but itself. */
export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly stdin?: string;
}

/** What a program may say on standard error that is kept, in bytes. */
const MAX_STDERR_BYTES = 256 * 1024;

interface Running {
  readonly stdout: Readable;
  /** Ends the program: by the id of the process that was started, and without waiting for what it has started. */
  stop(rc: number, why: string): void;
  /** The exit code, or why there is none, with what was said on standard error. */
  readonly ended: Promise<{ rc: number; stderr: string }>;
}

const spawnFailure = (error: NodeJS.ErrnoException): number =>
  error.code === 'ENOENT' ? RC.notFound : RC.notExecutable;

const start = (call: Call): Running => {
  const child: ChildProcess = spawn(call.program, call.args, {
    env: call.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const stdout = child.stdout as Readable;
  const stderr = child.stderr as Readable;
  let said = '';
  let stopped: { rc: number; why: string } | undefined;
  stderr.setEncoding('utf8');
  stderr.on('data', (text: string) => (said = (said + text).slice(0, MAX_STDERR_BYTES)));
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(call.stdin);
  const stop = (rc: number, why: string): void => {
    if (stopped) return;
    stopped = { rc, why };
    child.kill('SIGKILL');
    // A program that it has started may hold the other end of the pipes for as long as it likes.
    stdout.destroy();
    stderr.destroy();
  };
  const abort = (): void => stop(RC.failed, 'the call was given up');
  const timer = setTimeout(
    () => stop(RC.timedOut, `timed out after ${call.timeoutMs / 1000} s`),
    call.timeoutMs,
  );
  const ended = new Promise<{ rc: number; stderr: string }>((resolve) => {
    const finish = (rc: number, text: string): void => {
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', abort);
      resolve({ rc, stderr: text });
    };
    child.once('error', (error) => finish(spawnFailure(error), messageOf(error)));
    child.once('close', (code, signal) =>
      stopped
        ? finish(stopped.rc, [said.trim(), stopped.why].filter(Boolean).join('; '))
        : finish(code ?? RC.failed, code === null ? `${said}ended by ${signal}` : said),
    );
  });
  if (call.signal?.aborted) abort();
  else call.signal?.addEventListener('abort', abort, { once: true });
  return { stdout, stop, ended };
};

const toOutcome = ({ rc, stderr }: { rc: number; stderr: string }, stdout: string): Outcome =>
  rc === 0
    ? { ok: true, rc, stdout, stderr }
    : { ...failure(stderr, rc, serverReason(stderr)), stdout };

/** Some refusals of the operating system are thrown, such as that of too long an argument. */
const tryStart = (call: Call): Running | Outcome => {
  try {
    return start(call);
  } catch (error) {
    return failure(messageOf(error), RC.notExecutable);
  }
};

/** Runs a program to its end. Never rejects: one that cannot be started ends with 127 or 126, a slow one with 124. */
export const runProgram = async (call: Call): Promise<Outcome> => {
  const running = tryStart(call);
  if ('rc' in running) return running;
  const chunks: Buffer[] = [];
  let size = 0;
  running.stdout.on('error', () => undefined);
  running.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) running.stop(RC.failed, 'the answer is too long');
    else chunks.push(chunk);
  });
  const end = await running.ended;
  return toOutcome(end, Buffer.concat(chunks).toString('utf8'));
};

/** Runs a program for its lines. It starts with the iteration and is ended when the reader goes away. */
export const streamProgram = (call: Call): LogStream => {
  let settle: (outcome: Outcome) => void;
  const outcome = new Promise<Outcome>((resolve) => (settle = resolve));
  return {
    outcome,
    async *[Symbol.asyncIterator]() {
      const running = tryStart(call);
      if ('rc' in running) return settle(running);
      try {
        yield* linesOf(running.stdout);
      } catch (error) {
        running.stop(RC.failed, messageOf(error));
      } finally {
        // Without effect on a program whose output has ended by itself: it is about to end, too.
        if (!running.stdout.readableEnded) running.stop(0, '');
        settle(toOutcome(await running.ended, ''));
      }
    },
  };
};
