import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runProgram } from '../lib/run-program.mjs';

const INSTALL_LIMIT_MS = 180_000;
const PROBE_LIMIT_MS = 20_000;
const PACKAGED_POSTGRES = '/usr/lib/postgresql';

const onPath = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

const hasPostgres = () => {
  if (onPath('initdb') && onPath('postgres')) return true;
  if (!existsSync(PACKAGED_POSTGRES)) return false;
  return readdirSync(PACKAGED_POSTGRES).some((version) =>
    existsSync(join(PACKAGED_POSTGRES, version, 'bin', 'initdb')),
  );
};

/** Debian ships venv without the part that puts pip into an environment, unless python3-venv is there. */
const hasVenv = async () => {
  const args = ['-c', 'import venv, ensurepip'];
  return (await runProgram('python3', args, { timeoutMs: PROBE_LIMIT_MS })).code === 0;
};

const NEEDS = [
  { has: hasPostgres, aptPackage: 'postgresql', tests: 'PostgreSQL tests' },
  { has: hasVenv, aptPackage: 'python3-venv', tests: 'tests that need a Python environment' },
];

/** RUNLEVEL=1 keeps a freshly installed service from being started. */
const apt = (...args) =>
  runProgram('apt-get', ['-q', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    timeoutMs: INSTALL_LIMIT_MS,
  });

const install = async (name) => {
  const args = ['install', '-y', '--no-install-recommends', name];
  if ((await apt(...args)).code === 0) return undefined;
  await apt('update');
  const { code, output } = await apt(...args);
  return code === 0 ? undefined : (output.trim().split('\n').at(-1) ?? 'apt-get failed');
};

/**
 * Installs the programs that some tests need, where that may be done unasked: as root, on a system with apt-get.
 * Returns a line for each group of tests that will be left out.
 */
export const prepare = async () => {
  const missing = [];
  for (const { has, aptPackage, tests } of NEEDS) {
    if (await has()) continue;
    const mayInstall = process.getuid?.() === 0 && onPath('apt-get');
    if (mayInstall) console.log(`installing ${aptPackage} for the ${tests}`);
    const failure = mayInstall
      ? await install(aptPackage)
      : 'only root on a system with apt-get installs it';
    if (!(await has()))
      missing.push(
        `${tests} will be SKIPPED: no ${aptPackage} here (${failure ?? 'installed, but it does not work'})`,
      );
  }
  return missing;
};
