import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const STOP_LIMIT_MS = 5_000;
const LINES_SHOWN = 15;

/**
 * Starts one part of the control plane; what it prints goes to `<folder>/<name>.log`. It ends when its standard input
 * does, so it never outlives this process. `ended` resolves with a line that says how it ended.
 */
export const startPart = (program, folder, name, flags) => {
  const logFile = join(folder, `${name}.log`);
  const log = openSync(logFile, 'a');
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const child = spawn(program, [name, ...args], { cwd: folder, stdio: ['pipe', log, log] });
  closeSync(log);
  child.stdin.on('error', () => {});
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(`${name}: ${error.message}`));
    child.once('exit', (code, signal) => resolve(`${name} ended with ${signal ?? code}`));
  });
  return {
    name,
    pid: child.pid,
    ended,
    isRunning: () =>
      child.pid !== undefined && child.exitCode === null && child.signalCode === null,
    lastLines: () =>
      readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LINES_SHOWN).join('\n'),
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      await ended;
      clearTimeout(late);
    },
  };
};
