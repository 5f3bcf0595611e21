import { parseArgs } from 'node:util';
import { buildPlane } from './lib/build-plane.mjs';
import { startPlane } from './lib/start-plane.mjs';
import { findPlane } from './lib/toolchain.mjs';

/**
 * A Kubernetes control plane on loopback, built from Go modules where it is not built yet. Prints one line of JSON
 * (folder, server, kubeconfigs, pids, seconds) when pods can be placed, and stops everything on SIGTERM.
 * Usage: tests/k8s/up [--nodes N] [--until-stdin-closes] | --build | --missing
 * `--build` only builds; `--missing` prints why nothing can be built here, or nothing. Exit 0 done, 1 failed.
 */
const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '2' },
    build: { type: 'boolean', default: false },
    missing: { type: 'boolean', default: false },
    'until-stdin-closes': { type: 'boolean', default: false },
  },
});

const nodes = Number(values.nodes);
if (!Number.isInteger(nodes) || nodes < 1 || nodes > 100) {
  process.stderr.write(`k8s: --nodes ${values.nodes}: expected 1 to 100\n`);
  process.exit(64);
}

const say = (text) => process.stderr.write(`k8s: ${text}\n`);

const run = async (plane) => {
  const stopped = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'])
    process.once(signal, () => stopped.abort(new Error(`stopped by ${signal}`)));
  if (values['until-stdin-closes'])
    process.stdin.resume().once('end', () => stopped.abort(new Error('standard input closed')));
  const build_s = plane.built ? 0 : await buildPlane(plane.folder, say, stopped.signal);
  if (values.build) return;
  const { facts, ended, stop } = await startPlane(plane.program, nodes, stopped.signal);
  const asked = new Promise((resolve) => {
    stopped.signal.addEventListener('abort', () => resolve());
    if (stopped.signal.aborted) resolve();
  });
  process.stdout.write(`${JSON.stringify({ pid: process.pid, build_s, ...facts })}\n`);
  const death = await Promise.race([asked, ended]);
  await stop();
  if (death !== undefined) throw new Error(death);
};

const plane = findPlane();
if (values.missing) process.stdout.write(plane.missing ? `${plane.missing}\n` : '');
else
  try {
    if (plane.missing) throw new Error(plane.missing);
    await run(plane);
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  } finally {
    process.stdin.destroy();
  }
