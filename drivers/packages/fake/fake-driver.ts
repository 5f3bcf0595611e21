import { HoldfastError } from '@holdfast/contracts';
import type {
  Coverage,
  PackageDriver,
  PackageManager,
  ResolvedOperation,
} from '@holdfast/contracts';
import { parseSpec } from '@holdfast/versions';
import { describeOperations, outstanding } from '../outstanding.ts';
import { checkedName, checkedPath, readPackageStep } from '../step-params.ts';
import { applyFake } from './fake-apply.ts';
import type { FakeState, FakeWorld } from './fake-world.ts';

export interface FakeDriverOptions {
  readonly world: FakeWorld;
  /** The manager that it stands in for. Default `pip`. */
  readonly id?: PackageManager;
}

const coverageOf = (state: FakeState, environment: string): Coverage => {
  const status = state.knobs.inventory;
  if (!Object.hasOwn(state.environments, environment)) {
    return { status: 'failed', reason: `there is no environment ${environment}`, scanned: [] };
  }
  if (status === undefined || status === 'throws')
    return { status: 'complete', scanned: [environment] };
  return { status, reason: `the fake was told to be ${status}`, scanned: [environment] };
};

const isolatedOnly = async (world: FakeWorld, path: string): Promise<FakeState> => {
  const state = await world.read();
  if (Object.hasOwn(state.environments, path)) return state;
  const detail = 'the fake does not know it';
  throw new HoldfastError('environment_not_isolated', { path, detail });
};

const requirementOf = (id: PackageManager, text: string): [name: string, spec: string] => {
  const match = /^(@?[^@=<>!~\s]+)@?(.*)$/s.exec(text.trim());
  return [checkedName(id, match?.[1] ?? text), match?.[2] ?? ''];
};

/** A package driver without a package manager: for tests of everything that stands on drivers. */
export const createFakeDriver = ({ world, id = 'pip' }: FakeDriverOptions): PackageDriver => ({
  id,
  capabilities: { inventory: true, apply: true, system: true },

  async probe(path) {
    const { environments } = await world.read();
    if (!Object.hasOwn(environments, checkedPath(path))) return undefined;
    return { isolated: true, detail: 'an environment of the fake' };
  },

  async inventory(environment) {
    const key = environment === 'system' ? 'system' : environment.path;
    const state = await world.read();
    if (state.knobs.inventory === 'throws') throw new Error('the fake driver broke');
    const coverage = coverageOf(state, key);
    const isReadable = coverage.status === 'complete' || coverage.status === 'partial';
    const packages = isReadable ? { ...state.environments[key] } : {};
    const scanned_at = new Date().toISOString();
    return { manager: id, environment: key, packages, coverage, scanned_at };
  },

  async resolve({ environment, requirements }) {
    const { catalogue, environments, knobs } = await isolatedOnly(world, checkedPath(environment));
    if (knobs.resolve === 'throws') throw new Error('the fake driver broke');
    if (knobs.resolve === 'fails') {
      throw new HoldfastError('plan_failed', { detail: 'the fake was told to fail' });
    }
    const present = environments[environment] ?? {};
    return requirements.flatMap((text): ResolvedOperation[] => {
      const [name, spec] = requirementOf(id, text);
      const parsed = parseSpec(id, spec);
      const from = present[name] ?? null;
      if (parsed.kind === 'unmanaged') {
        throw new HoldfastError('invalid_input', {
          detail: `requirement ${name}: ${parsed.reason}`,
        });
      }
      if (from !== null && parsed.matches(from, 'installed')) return [];
      const to = catalogue[name]?.findLast((version) => parsed.matches(version, 'candidate'));
      if (to === undefined) throw new HoldfastError('plan_failed', { detail: `no ${name}${spec}` });
      return [{ package: name, from, to, requested: true }];
    });
  },

  async verify(action) {
    const { environment, operations } = readPackageStep(id, action);
    const { catalogue, environments, knobs } = await isolatedOnly(world, environment);
    if (knobs.verify === 'throws') throw new Error('the fake driver broke');
    if (knobs.verify === 'refuses') return { ok: false, detail: 'the fake was told to refuse' };
    const todo = outstanding(id, environments[environment] ?? {}, operations);
    const unknown = todo.find(
      (item) => item.to !== null && !catalogue[item.package]?.includes(item.to),
    );
    if (unknown) return { ok: false, detail: `there is no ${unknown.package} ${unknown.to}` };
    return { ok: true, detail: `would do: ${describeOperations(todo)}` };
  },

  async apply(action, context) {
    await isolatedOnly(world, readPackageStep(id, action).environment);
    return applyFake(id, world, action, context);
  },
});
