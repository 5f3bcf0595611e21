import { HoldfastError } from '@holdfast/contracts';
import type { Inventory, ReadContext } from '@holdfast/contracts';
import { findBroken } from './broken-distributions.ts';
import type { BrokenDistribution } from './broken-distributions.ts';
import { readInstalled } from './installed-packages.ts';
import { askInterpreter } from './interpreter.ts';
import type { Interpreter } from './interpreter.ts';
import { inspectPythonHome } from './virtual-environment.ts';

export interface PipReading {
  readonly inventory: Inventory;
  readonly broken: readonly BrokenDistribution[];
}

const SYSTEM_INTERPRETERS = ['python3', 'python'];
const MAX_REASON = 2000;

const empty = (
  environment: string,
  status: 'failed' | 'absent',
  reason: string,
  scanned: string[] = [],
): PipReading => ({
  inventory: {
    manager: 'pip',
    environment,
    packages: {},
    coverage: { status, reason: reason.slice(0, MAX_REASON), scanned },
    scanned_at: new Date().toISOString(),
  },
  broken: [],
});

/** Reads what one interpreter has installed. A package that is only half there is not listed as installed. */
const readInterpreter = async (
  environment: string,
  python: Interpreter,
  isVenv: boolean,
  context: ReadContext,
): Promise<PipReading> => {
  const scanned = [python.executable, ...python.site];
  const [installed, broken] = await Promise.all([
    readInstalled(python.executable, isVenv, context),
    findBroken(python.site, isVenv),
  ]);
  if ('problem' in installed) {
    const hasNoPip = /No module named '?pip\b/.test(installed.problem);
    const status = hasNoPip && !isVenv ? 'absent' : 'failed';
    const reason = hasNoPip ? `${python.executable} has no pip` : installed.problem;
    return empty(environment, status, reason, scanned);
  }
  const packages = { ...installed.packages };
  for (const { name, version, setAside } of broken) {
    if (!setAside && packages[name] === version) delete packages[name];
  }
  const reasons = [
    ...broken.map(({ reason }) => reason),
    ...installed.duplicates.map((name) => `${name} is installed in two versions`),
  ];
  const coverage =
    reasons.length === 0
      ? { status: 'complete' as const, scanned }
      : { status: 'partial' as const, reason: reasons.join('; ').slice(0, MAX_REASON), scanned };
  const inventory: Inventory = {
    manager: 'pip',
    environment,
    packages,
    markers: { ...python.markers },
    extras: installed.extras,
    tool_version: `pip ${installed.pipVersion ?? 'of unknown version'}`,
    coverage,
    scanned_at: new Date().toISOString(),
  };
  return { inventory, broken };
};

/**
 * The packages of a virtual environment, as its own interpreter sees them. An environment that cannot be read is
 * `failed`: that something is not there must not follow from it.
 */
export const readVirtualEnvironment = async (
  path: string,
  context: ReadContext,
): Promise<PipReading> => {
  const home = await inspectPythonHome(path, context);
  if (home?.venv)
    return readInterpreter(path, { ...home.venv, executable: home.venv.python }, true, context);
  const detail = home?.detail ?? 'there is no Python in it';
  return empty(
    path,
    'failed',
    new HoldfastError('environment_not_isolated', { path, detail }).message,
  );
};

/** The packages of the machine's default Python: read, never changed. */
export const readSystem = async (context: ReadContext): Promise<PipReading> => {
  for (const command of SYSTEM_INTERPRETERS) {
    const python = await askInterpreter(command, context);
    if (!('missing' in python)) {
      return readInterpreter('system', python, python.prefix !== python.base_prefix, context);
    }
    if (!python.missing) return empty('system', 'failed', python.detail);
  }
  return empty('system', 'absent', 'there is no python3 on this machine');
};
