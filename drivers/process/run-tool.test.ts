import { watch } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpawnNote } from '@holdfast/contracts';
import { runningInGroup } from '@holdfast/testkit';
import { describe, expect, it } from 'vitest';
import { processStartTime } from './process-start-time.ts';
import { runTool } from './run-tool.ts';
import type { ToolRun } from './run-tool.ts';

const node = (program: string, changes: Partial<ToolRun> = {}) =>
  runTool({
    command: process.execPath,
    args: ['-e', program],
    cwd: tmpdir(),
    env: process.env,
    timeoutMs: 20_000,
    ...changes,
  });

const recorder = () => {
  const notes: SpawnNote[] = [];
  return { notes, onSpawn: async (note: SpawnNote) => void notes.push(note) };
};

/** Starts a grandchild that ignores SIGTERM and has closed its output, writes a file when it is up, and stays. */
const STUBBORN = `
  process.on('SIGTERM', () => {});
  const { spawn } = require('node:child_process');
  const program = "process.on('SIGTERM', () => {}); process.send('up'); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  child.once('message', () => require('node:fs').writeFileSync('up', ''));
  setInterval(() => {}, 1000);
`;

describe('runTool', { timeout: 30_000 }, () => {
  it('returns what the tool wrote and how it ended', async () => {
    const run = await node('console.log("out"); console.error("err"); process.exit(3)');
    expect(run).toEqual({
      outcome: 'exited',
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
      truncated: false,
    });
  });

  it('passes arguments on as they are, through the gate as well', async () => {
    const args = ['-p', 'JSON.stringify(process.argv.slice(1))', '$HOME; `x` "quoted" *', '--', ''];
    const { onSpawn } = recorder();
    for (const gate of [undefined, onSpawn]) {
      const { stdout } = await node('', { args, onSpawn: gate });
      expect(JSON.parse(stdout)).toEqual([args[2], '--', '']);
    }
  });

  it('says when there is no such program, with and without a gate', async () => {
    const { onSpawn } = recorder();
    expect(await node('', { command: 'holdfast-no-such-tool' })).toMatchObject({
      outcome: 'missing',
    });
    const gated = await node('', { command: 'holdfast-no-such-tool', onSpawn });
    expect(gated.outcome).toBe('missing');
  });

  it('does not run the tool before its process is on record', async () => {
    const notes: SpawnNote[] = [];
    const order: string[] = [];
    const { stdout } = await node('console.log(Date.now())', {
      onSpawn: async (note) => {
        notes.push(note);
        expect(await processStartTime(note.pid)).toBe(note.start_time);
        expect(await runningInGroup(note.pid)).toEqual([note.pid]);
        order.push(String(Date.now()));
      },
    });
    expect(notes).toHaveLength(1);
    expect(Number(stdout)).toBeGreaterThanOrEqual(Number(order[0]));
  });

  it('never runs the tool when its process cannot be put on record', async () => {
    let group = 0;
    const onSpawn = async ({ pid }: SpawnNote): Promise<void> => {
      group = pid;
      throw new Error('the journal is full');
    };
    await expect(node('', { onSpawn })).rejects.toThrow('the journal is full');
    expect(await runningInGroup(group)).toEqual([]);
  });

  it('ends the whole group, also what does not listen and has closed its output', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'holdfast-group-'));
    const abort = new AbortController();
    const watcher = watch(cwd, () => abort.abort());
    try {
      const { notes, onSpawn } = recorder();
      const run = await node(STUBBORN, { cwd, onSpawn, signal: abort.signal });
      expect(run.outcome).toBe('aborted');
      expect(await readdir(cwd)).toEqual(['up']);
      expect(await runningInGroup(notes[0]?.pid ?? 0)).toEqual([]);
    } finally {
      watcher.close();
      await rm(cwd, { recursive: true, force: true });
    }
  });

  it('ends the group at the time limit', async () => {
    const { notes, onSpawn } = recorder();
    const run = await node('setInterval(() => {}, 1000)', { onSpawn, timeoutMs: 1000 });
    expect(run).toMatchObject({ outcome: 'timeout', code: null });
    expect(await runningInGroup(notes[0]?.pid ?? 0)).toEqual([]);
  });

  it('ends the group on an abort, and starts nothing after one', async () => {
    const abort = new AbortController();
    const { notes, onSpawn } = recorder();
    const running = node('setInterval(() => {}, 1000)', {
      signal: abort.signal,
      onSpawn: async (note) => {
        await onSpawn(note);
        setImmediate(() => abort.abort());
      },
    });
    expect(await running).toMatchObject({ outcome: 'aborted', code: null });
    expect(await runningInGroup(notes[0]?.pid ?? 0)).toEqual([]);
    expect(await node('', { signal: abort.signal, onSpawn })).toMatchObject({ outcome: 'aborted' });
    expect(notes).toHaveLength(1);
  });

  it('reports a tool that a signal ended as ended without a code', async () => {
    const { onSpawn } = recorder();
    for (const gate of [undefined, onSpawn]) {
      const run = await node('process.kill(process.pid, "SIGKILL")', { onSpawn: gate });
      expect(run).toMatchObject({ outcome: 'exited', code: null });
    }
  });

  it('keeps the end of output that is too long, and says so', async () => {
    const program = 'process.stdout.write("x".repeat(5000) + "end")';
    const run = await node(program, { maxOutputBytes: 1000 });
    expect(run.truncated).toBe(true);
    expect(run.stdout).toHaveLength(1000);
    expect(run.stdout.endsWith('xend')).toBe(true);
  });

  it('takes credentials out of URLs in the output', async () => {
    const run = await node('console.log("at https://user:hunter2@host/x?token=hunter2 now")');
    expect(run.stdout).toContain('host/x');
    expect(run.stdout).not.toContain('hunter2');
  });
});

describe('processStartTime', () => {
  it('is the same for one process at every look, and undefined for none', async () => {
    const first = await processStartTime(process.pid);
    expect(first).toBeTruthy();
    expect(await processStartTime(process.pid)).toBe(first);
    expect(await processStartTime(2 ** 30)).toBeUndefined();
  });
});
