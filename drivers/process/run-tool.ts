import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { SpawnNote } from '@holdfast/contracts';
import { redactUrl } from '@holdfast/versions';
import { gatedCommand } from './gated-command.ts';
import { createOutputBuffer } from './output-buffer.ts';
import { endGroup } from './process-group.ts';
import { processStartTime } from './process-start-time.ts';

export interface ToolRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Awaited before the tool runs; when it rejects, the tool never does. */
  readonly onSpawn?: (note: SpawnNote) => Promise<void>;
  /** Told about the process while it runs: for tools that change nothing. Its failure ends nothing. */
  readonly onStart?: (note: SpawnNote) => Promise<void>;
  /** Per stream. Default 64 MiB. */
  readonly maxOutputBytes?: number;
}

/**
 * How a tool ended. `missing`: there is no such program. `exited` with code null: a signal from elsewhere ended it.
 * Credentials in URLs are taken out of both outputs.
 */
export interface ToolResult {
  readonly outcome: 'exited' | 'timeout' | 'aborted' | 'missing';
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Some of the output was dropped: stdout is not fit for parsing. */
  readonly truncated: boolean;
}

const DEFAULT_OUTPUT_BYTES = 64 * 1024 * 1024;

const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

/** Tells the journal about a gated child, then lets it run. */
const openGate = async (
  child: ChildProcess,
  onSpawn: (note: SpawnNote) => Promise<void>,
): Promise<void> => {
  const pid = child.pid as number;
  await onSpawn({ pid, start_time: (await processStartTime(pid)) ?? 'unknown' });
  child.stdin?.end('\n');
};

/** Tells of a process that runs already; one that is over by then needs no telling. */
const tellStart = async (pid: number, onStart: ToolRun['onStart']): Promise<void> => {
  const start_time = await processStartTime(pid);
  if (start_time !== undefined) await onStart?.({ pid, start_time });
};

/**
 * Runs a program with an argument list, never through a shell, as the leader of its own process group. A time limit
 * or an abort ends the whole group that was started.
 */
export const runTool = async (run: ToolRun): Promise<ToolResult> => {
  const limit = run.maxOutputBytes ?? DEFAULT_OUTPUT_BYTES;
  const stdout = createOutputBuffer(limit);
  const stderr = createOutputBuffer(limit);
  const result = (outcome: ToolResult['outcome'], code: number | null = null): ToolResult => ({
    outcome,
    code,
    stdout: redactUrl(stdout.text()),
    stderr: redactUrl(stderr.text()),
    truncated: stdout.truncated || stderr.truncated,
  });
  if (run.signal?.aborted) return result('aborted');
  if (run.timeoutMs <= 0) return result('timeout');

  const { command, args } = run.onSpawn ? gatedCommand(run.command, run.args) : run;
  const child = spawn(command, args, {
    cwd: run.cwd,
    env: run.env,
    detached: true,
    stdio: [run.onSpawn ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  child.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));
  child.stdin?.on('error', () => undefined);
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });

  const told =
    run.onStart && child.pid !== undefined
      ? tellStart(child.pid, run.onStart).catch(() => undefined)
      : undefined;

  let stop: (outcome: 'timeout' | 'aborted') => void = () => undefined;
  const stopped = new Promise<'timeout' | 'aborted'>((resolve) => {
    stop = resolve;
  });
  const timer = setTimeout(() => stop('timeout'), run.timeoutMs);
  const onAbort = (): void => stop('aborted');
  run.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const ended = closed.then((code) => ({ code }));
    const opened =
      run.onSpawn && child.pid !== undefined
        ? openGate(child, run.onSpawn).then(() => ended)
        : ended;
    const first = await Promise.race([opened, stopped]);
    if (typeof first === 'object') {
      const missing = run.onSpawn !== undefined && first.code === 127;
      return result(missing ? 'missing' : 'exited', first.code);
    }
    await endGroup(child, closed);
    return result(first);
  } catch (error) {
    if (child.pid === undefined && isMissing(error)) return result('missing');
    if (child.pid !== undefined) await endGroup(child, closed);
    throw error;
  } finally {
    await told;
    clearTimeout(timer);
    run.signal?.removeEventListener('abort', onAbort);
  }
};
