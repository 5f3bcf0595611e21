import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildKey, VERSIONS } from './versions.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PROBE_LIMIT_MS = 30_000;
/** Sources, objects and the program itself, with room to spare. */
const BUILD_NEEDS_BYTES = 5 * 2 ** 30;

/** Where builds are kept: $XDG_CACHE_HOME/holdfast/k8s, or in node_modules. */
export const cacheFolder = () =>
  process.env.XDG_CACHE_HOME
    ? join(process.env.XDG_CACHE_HOME, 'holdfast', 'k8s')
    : join(ROOT, 'node_modules', '.cache', 'holdfast', 'k8s');

/** The user's own Go settings, less those that would change what is built. Go's caches stay where they are. */
export const goEnvironment = () => ({
  ...process.env,
  CGO_ENABLED: '0',
  GOFLAGS: '-mod=mod',
  GOTOOLCHAIN: 'local',
  GOWORK: 'off',
});

const go = (...args) =>
  spawnSync('go', args, {
    cwd: cacheFolder(),
    env: goEnvironment(),
    encoding: 'utf8',
    timeout: PROBE_LIMIT_MS,
  });

const isOlder = (version, than) => {
  const [major = 0, minor = 0] = version.replace(/^go/, '').split('.').map(Number.parseFloat);
  const [wantMajor, wantMinor] = than.split('.').map(Number);
  return major < wantMajor || (major === wantMajor && minor < wantMinor);
};

/** The last line that Go printed, without addresses: the reason becomes part of names of tests. */
const reasonIn = (text) =>
  (text.trim().split('\n').at(-1) ?? '').replace(/"?https?:\/\/\S+\s*/g, '') || 'no answer';

/**
 * Finds the program, or says why it cannot be built here: `{ folder, program, built }` or `{ missing }`. Asks the
 * module proxy only where nothing is built yet.
 */
export const findPlane = () => {
  if (process.env.HOLDFAST_K8S === 'off') return { missing: 'HOLDFAST_K8S=off' };
  if (process.platform !== 'linux') return { missing: 'the control plane is built on Linux' };
  mkdirSync(cacheFolder(), { recursive: true });
  const version = go('env', 'GOVERSION');
  if (version.status !== 0) return { missing: `no Go ${VERSIONS.go} here` };
  const found = version.stdout.trim();
  if (isOlder(found, VERSIONS.go)) return { missing: `${found} here, not Go ${VERSIONS.go}` };
  const folder = join(cacheFolder(), buildKey(found));
  const program = join(folder, 'holdfast-k8s');
  if (existsSync(program)) return { folder, program, built: true };
  const { bavail, bsize } = statfsSync(cacheFolder());
  if (bavail * bsize < BUILD_NEEDS_BYTES) return { missing: 'less than 5 GiB of disk to build in' };
  const module = go('list', '-m', `k8s.io/kubernetes@v${VERSIONS.kubernetes}`);
  if (module.status !== 0)
    return { missing: `no Go modules to be had: ${reasonIn(module.stderr)}` };
  return { folder, program, built: false };
};
