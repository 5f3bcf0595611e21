import {
  EVENT_TYPES,
  HoldfastError,
  type Environment,
  type OpParsed,
  type infrastructureApi,
} from '@holdfast/contracts';
import type { Call } from '@holdfast/sdk';
import { prepareBaseline } from '@holdfast/versions';
import type { AgentChannel } from '../channel/agent-channel.ts';
import type { InfrastructureContext } from '../config.ts';
import { digestOf } from '../digest.ts';
import { forgetDrift } from '../drift/drift-store.ts';
import { firstItems } from '../first-items.ts';
import type { HostRegistry } from '../hosts/host-registry.ts';
import type { Scanner } from '../scan/scan-host.ts';
import { declarePackages, NPM_MANIFEST, PIP_MANIFEST } from './declared-packages.ts';
import { checkFileNames, readManifest } from './manifest-files.ts';
import { readBaseline, saveBaseline, type StoredBaseline } from './stored-baseline.ts';

type Input = OpParsed<(typeof infrastructureApi)['ops']['setBaseline']>;

const PROBE_MS = 20_000;

const notIsolated = (path: string, detail: string): HoldfastError =>
  new HoldfastError('environment_not_isolated', { path, detail });

const checkPath = (path: string): void => {
  if (!/^(\/|[A-Za-z]:[\\/])/.test(path)) throw notIsolated(path, 'it is not an absolute path');
  if (path.split(/[\\/]/).includes('..')) throw notIsolated(path, 'it has a part that goes up');
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f]/.test(path))
    throw notIsolated(JSON.stringify(path), 'it holds control characters');
};

const emptyDetail = (input: Input, declared: StoredBaseline): string => {
  const names = [PIP_MANIFEST, NPM_MANIFEST].filter((name) => Object.hasOwn(input.files, name));
  if (names.length === 0) return `there is neither ${PIP_MANIFEST} nor ${NPM_MANIFEST}`;
  if (declared.unmanaged.length === 0) return `${names.join(' and ')} name nothing`;
  const reasons = [...new Set(declared.unmanaged.map(({ reason }) => reason))];
  return `nothing in ${names.join(' and ')} can be bound: ${reasons.join('; ')}`;
};

const count = (baseline: StoredBaseline, manager: string): number =>
  baseline.entries.filter((entry) => entry.manager === manager).length;

/** Declares the desired packages of a host: parse, probe the environments there, commit, scan. */
export const createSetBaseline = (
  context: InfrastructureContext,
  hosts: HostRegistry,
  channel: AgentChannel,
  scanner: Scanner,
) => {
  const probe = async (host: string, path: string): Promise<Environment> => {
    checkPath(path);
    const answer = await channel.ask(host, { type: 'probe_environment', path }, PROBE_MS);
    const found = answer.probe;
    if (!found) throw notIsolated(path, answer.error?.detail ?? 'the agent could not look at it');
    if (!found.isolated || found.managers.length === 0) throw notIsolated(path, found.detail);
    const { managers, interpreter } = found;
    return { path: found.path, managers, ...(interpreter !== undefined && { interpreter }) };
  };

  const probeAll = async (host: string, paths: readonly string[]): Promise<Environment[]> => {
    const found = await Promise.all(paths.map((path) => probe(host, path)));
    return [...new Map(found.map((environment) => [environment.path, environment])).values()];
  };

  return async (input: Input, call: Call): Promise<StoredBaseline> => {
    const host = hosts.resolve(input.id).record.id;
    checkFileNames(input.files);
    // Parsed before the agent is asked: a broken manifest is refused whether or not it is there.
    declarePackages(input.files, [], input.directory);
    const environments = await probeAll(host, [...new Set(input.environments)]);
    const declared = declarePackages(input.files, environments, input.directory);
    readManifest(PIP_MANIFEST, () => prepareBaseline(declared.entries));
    const digest = digestOf([environments, declared.entries, declared.options]);
    const baseline = await scanner.exclusively(host, async () => {
      const before = await readBaseline(context.store, host);
      const next: StoredBaseline = {
        host,
        revision: (before?.revision ?? 0) + 1,
        digest,
        environments,
        ...declared,
        set_by: call.principal.id,
        ...(call.principal.token !== undefined && { set_with: call.principal.token }),
        set_at: context.clock.iso(),
      };
      if (next.entries.length === 0)
        throw new HoldfastError('baseline_empty', { detail: emptyDetail(input, next) });
      const data = {
        host_id: host,
        revision: next.revision,
        digest,
        set_by: next.set_by,
        environments: firstItems(environments.map(({ path }) => path)),
        environments_total: environments.length,
        packages: { pip: count(next, 'pip'), npm: count(next, 'npm') },
        unmanaged: next.unmanaged.length,
      };
      await context.commit(
        [saveBaseline(next), ...forgetDrift(host, next.revision)],
        [{ type: EVENT_TYPES.baselineSet, subject: host, actor: call.principal.id, data }],
      );
      return next;
    });
    await scanner
      .scan(host, { actor: call.principal.id, system: false })
      .catch((error: unknown) => {
        context.log.warn({ err: error, host }, 'the scan after a new baseline failed');
      });
    return baseline;
  };
};
