import { existsSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { KernelId, ProcessName, Profile } from '@holdfast/contracts';
import { GATEWAY_PORT } from '@holdfast/contracts';
import { loadProfile } from '@holdfast/sdk/profile';
import { readManifest } from './manifest.ts';
import type { Settings } from './settings.ts';
import { processNames } from '../supervision/stack-order.ts';

/** What a stack is to be, before anything of it runs. */
export interface StackFacts {
  readonly settings: Settings;
  readonly profile: Profile;
  /** Kernels of this build. */
  readonly shipped: readonly KernelId[];
  /** Kernels that the profile wants and the build has. */
  readonly kernels: readonly KernelId[];
  readonly names: readonly ProcessName[];
  /** The host by which callers on this machine reach the gateway. */
  readonly gatewayHost: string;
  readonly url: string;
  /** Why there is no agent here; undefined when there is to be one. */
  readonly agentReason: string | undefined;
}

export const INFRASTRUCTURE = 'infrastructure_manager';

const reachable = (bindAddress: string): string => {
  if (bindAddress === '0.0.0.0') return '127.0.0.1';
  if (bindAddress === '::') return '[::1]';
  return isIPv6(bindAddress) ? `[${bindAddress}]` : bindAddress;
};

const agentAbsence = (
  profile: Profile,
  kernels: readonly KernelId[],
  distDir: string,
): string | undefined => {
  if (!profile.agent.local) return `agent.local is not true in profile ${profile.name}`;
  if (!existsSync(join(distDir, 'agent.js'))) return 'this build does not ship it';
  return kernels.includes(INFRASTRUCTURE)
    ? undefined
    : `it needs ${INFRASTRUCTURE}, which is not started`;
};

/** Reads profile and build. Rejects with profile_* or config_invalid. */
export const readStackFacts = async (settings: Settings): Promise<StackFacts> => {
  const profile = await loadProfile(settings.profilesDir, settings.profile);
  const shipped = await readManifest(settings.distDir);
  const kernels = shipped.filter((id) => profile.kernels[id]?.enabled === true);
  const gatewayHost = reachable(profile.security.bind_address);
  const agentReason = agentAbsence(profile, kernels, settings.distDir);
  return {
    settings,
    profile,
    shipped,
    kernels,
    names: processNames(kernels, profile.gateway.processes, agentReason === undefined),
    gatewayHost,
    url: `http://${gatewayHost}:${GATEWAY_PORT + settings.portOffset}`,
    agentReason,
  };
};
