import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { goEnvironment } from './toolchain.mjs';
import { PLANE_SOURCE, VERSIONS } from './versions.mjs';

const NICE = 10;
const HEARTBEAT_MS = 60_000;

const goJson = (args, cwd) => {
  const options = { cwd, env: goEnvironment(), encoding: 'utf8' };
  const { status, stdout, stderr } = spawnSync('go', args, options);
  if (status !== 0) throw new Error(`go ${args.join(' ')}: ${stderr.trim() || stdout.trim()}`);
  return JSON.parse(stdout);
};

/**
 * go.mod of the program. Kubernetes replaces its own libraries by folders of its repository, which a dependent does not
 * see: each of them is pinned to the version that was published from that folder.
 */
const moduleFile = (cwd) => {
  const { GoMod } = goJson(
    ['mod', 'download', '-json', `k8s.io/kubernetes@v${VERSIONS.kubernetes}`],
    cwd,
  );
  const { Replace } = goJson(['mod', 'edit', '-json', GoMod], cwd);
  const libraries = `v${VERSIONS.kubernetes.replace(/^1\./, '0.')}`;
  return [
    'module holdfast-k8s',
    `go ${VERSIONS.go}.0`,
    `require k8s.io/kubernetes v${VERSIONS.kubernetes}`,
    `require go.etcd.io/etcd/server/v3 v${VERSIONS.etcd}`,
    `require sigs.k8s.io/kwok v${VERSIONS.kwok}`,
    ...Replace.filter(({ New }) => New.Path.startsWith('./')).map(
      ({ Old }) => `replace ${Old.Path} => ${Old.Path} ${libraries}`,
    ),
    '',
  ].join('\n');
};

/** `kubectl version` and KWOK's node say what they are. */
const stamps = () => {
  const [major, minor] = VERSIONS.kubernetes.split('.');
  const at = 'k8s.io/component-base/version';
  return [`gitVersion=v${VERSIONS.kubernetes}`, `gitMajor=${major}`, `gitMinor=${minor}`]
    .map((stamp) => `-X ${at}.${stamp}`)
    .join(' ');
};

/** Runs `go build` with low priority. Rejects with what it printed. */
const goBuild = (cwd, output, say, signal) =>
  new Promise((resolve, reject) => {
    const child = spawn(
      'go',
      ['build', '-buildvcs=false', '-trimpath', '-ldflags', `-s -w ${stamps()}`, '-o', output, '.'],
      { cwd, env: goEnvironment(), stdio: ['ignore', 'pipe', 'pipe'], signal },
    );
    if (child.pid !== undefined) setPriority(child.pid, NICE);
    const started = performance.now();
    const heartbeat = setInterval(
      () => say(`still building, ${Math.round((performance.now() - started) / 1000)} s`),
      HEARTBEAT_MS,
    );
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (printed += chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(heartbeat);
      if (code === 0) resolve();
      else reject(new Error(`go build ended with ${code}: ${printed.slice(-2000)}`));
    });
  });

/**
 * Builds the program into `folder`, which appears only when it is whole: two builds at a time do no harm. Returns the
 * seconds it took.
 */
export const buildPlane = async (folder, say, signal) => {
  const started = performance.now();
  mkdirSync(join(folder, '..'), { recursive: true });
  const work = mkdtempSync(`${folder}.`);
  try {
    say(
      `building Kubernetes ${VERSIONS.kubernetes}, etcd ${VERSIONS.etcd} and KWOK ${VERSIONS.kwok}`,
    );
    writeFileSync(join(work, 'go.mod'), moduleFile(work));
    copyFileSync(PLANE_SOURCE, join(work, 'main.go'));
    await goBuild(work, join(work, 'holdfast-k8s'), say, signal);
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const seconds = (performance.now() - started) / 1000;
  say(`built in ${seconds.toFixed(0)} s`);
  return seconds;
};
