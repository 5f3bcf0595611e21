import { VERSION } from '@holdfast/contracts/version';
import { runChecks } from '../doctor/run-checks.ts';

/** Variables that mk reads. Only whether they are set is told. */
const VARIABLES = [
  'KUBECONFIG',
  'KUBECTL',
  'MODEKEEPER_GPU_COUNT',
  'MODEKEEPER_GPU_HOUR_USD',
  'MODEKEEPER_ISSUER_PRIVKEY_PATH',
  'MODEKEEPER_KILL_SWITCH',
  'MODEKEEPER_LICENSE_PATH',
  'MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH',
] as const;

/** What is known of program and machine; neither names nor addresses of anybody. */
export const describeMachine = (env: NodeJS.ProcessEnv): object => ({
  schema_version: 'support_bundle.v0',
  mk_version: VERSION,
  node_version: process.version,
  platform: process.platform,
  arch: process.arch,
  variables_set: VARIABLES.filter((name) => Boolean(env[name])),
  checks: runChecks(env).map(({ name, ok }) => ({ name, ok })),
});
