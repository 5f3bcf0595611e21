import { existsSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { ActiveConfig, KernelId, ProcessName, Profile } from '@holdfast/contracts';
import { GATEWAY_PORT, isKernelId } from '@holdfast/contracts';
import { settleSettings } from '../config/settle-settings.ts';
import { readManifest } from './manifest.ts';
import type { Settings } from './settings.ts';
import { processNames } from '../supervision/stack-order.ts';

/** What a stack is to be, before anything of it runs. */
export interface StackFacts {
  readonly settings: Settings;
  readonly profile: Profile;
  /** What is laid over the profile files. */
  readonly active: ActiveConfig;
  /** It has to be written down: this start switches the profile. */
  readonly switches: boolean;
  /** Keys whose overrides the profile of this start does not take. */
  readonly dropped: readonly string[];
  /** Kernels of this build. */
  readonly shipped: readonly KernelId[];
  /** Kernels that the profile wants and the build has. */
  readonly kernels: readonly KernelId[];
  readonly names: readonly ProcessName[];
  /** Those that run whether anybody asks for them or not. */
  readonly running: readonly ProcessName[];
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

/**
 * Reads settings and build. Only a stack that starts afresh takes the profile that was asked for; one that is taken over
 * keeps what is in force. Rejects with profile_* or config_invalid.
 */
export const readStackFacts = async (
  settings: Settings,
  start: 'fresh' | 'takeover',
): Promise<StackFacts> => {
  const asked = start === 'fresh' ? settings.profile : undefined;
  const { profilesDir, home, firstProfile } = settings;
  const settled = await settleSettings(profilesDir, home, asked, firstProfile);
  const { profile } = settled;
  const shipped = await readManifest(settings.distDir);
  const kernels = shipped.filter((id) => profile.kernels[id]?.enabled === true);
  const gatewayHost = reachable(profile.security.bind_address);
  const agentReason = agentAbsence(profile, kernels, settings.distDir);
  const names = processNames(kernels, profile.gateway.processes, agentReason === undefined);
  const sleeps = (name: ProcessName): boolean =>
    isKernelId(name) && profile.kernels[name]?.activation === 'on-demand';
  return {
    settings,
    profile,
    active: settled.active,
    switches: settled.changed,
    dropped: settled.dropped,
    shipped,
    kernels,
    names,
    running: names.filter((name) => !sleeps(name)),
    gatewayHost,
    url: `http://${gatewayHost}:${GATEWAY_PORT + settings.portOffset}`,
    agentReason,
  };
};
