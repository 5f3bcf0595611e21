// Load from one process: wrk when it is there, else a small keep-alive generator (load-worker.mjs) in its own process.
import { execFile, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

const run = promisify(execFile);

export const hasWrk = () => spawnSync('wrk', ['--version']).error === undefined;

const UNIT_MS = { us: 0.001, ms: 1, s: 1000 };

const toMs = (text) => {
  const [, value, unit] = /^([\d.]+)(us|ms|s)$/.exec(text);
  return Number(value) * UNIT_MS[unit];
};

const byWrk = async ({ url, token, connections, seconds }) => {
  const header = `Authorization: Bearer ${token}`;
  const limits = ['-t1', `-c${connections}`, `-d${seconds}s`];
  const { stdout } = await run('wrk', [...limits, '--latency', '-H', header, url]);
  const number = (pattern) => pattern.exec(stdout)?.[1];
  return {
    rps: Number(number(/Requests\/sec:\s+([\d.]+)/)),
    p50: toMs(number(/^\s+50%\s+(\S+)/m)),
    p99: toMs(number(/^\s+99%\s+(\S+)/m)),
    failed:
      Number(number(/Non-2xx or 3xx responses: (\d+)/) ?? 0) +
      [...stdout.matchAll(/(?:connect|read|write|timeout) (\d+)/g)].reduce(
        (sum, match) => sum + Number(match[1]),
        0,
      ),
  };
};

const byWorker = async (options) => {
  const child = fork(fileURLToPath(new URL('./load-worker.mjs', import.meta.url)));
  child.send(options);
  const [result] = await once(child, 'message');
  await once(child, 'exit');
  return result;
};

/** Loads a url for some seconds; answers {rps, p50, p99 (ms), failed}. */
export const load = (options) => (hasWrk() ? byWrk(options) : byWorker(options));
