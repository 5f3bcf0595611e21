import { join } from 'node:path';
import { runProgram, seconds } from '../lib/run-program.mjs';

const BUILD_LIMIT_MS = 40 * 60_000;
const ASK_LIMIT_MS = 60_000;

/**
 * Builds the Kubernetes control plane of the tests where it is not built yet, as a step of its own: minutes, once. Returns
 * why its tests will be left out, or nothing. HOLDFAST_K8S=off leaves them out.
 */
export const prepareKubernetes = async (root) => {
  const up = join(root, 'tests', 'k8s', 'up.mjs');
  const ask = await runProgram(process.execPath, [up, '--missing'], { timeoutMs: ASK_LIMIT_MS });
  const missing = ask.output.trim();
  if (missing !== '') return `tests with a real Kubernetes API server will be SKIPPED: ${missing}`;
  const { code, ms } = await runProgram(process.execPath, [up, '--build'], {
    timeoutMs: BUILD_LIMIT_MS,
    show: true,
  });
  if (code !== 0) return 'the Kubernetes control plane could not be built: its tests will say why';
  if (ms > ASK_LIMIT_MS)
    console.log(`built the Kubernetes control plane of the tests in ${seconds(ms)}`);
  return undefined;
};
