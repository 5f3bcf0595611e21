import type { Host } from '@holdfast/contracts';
import { isYoungerThan } from '@holdfast/sdk';
import type { GovernanceContext } from './context.ts';

const TIMEOUT_MS = 5_000;
/** A change is proposed and decided within moments: its host is not asked for twice in them. */
const RECENT_MS = 1_000;
const MOST = 500;

/** The hosts that changes are about. */
export interface Hosts {
  /** By its id or an alias, as it was at most a second ago. Rejects as `getHost` does. */
  find(id: string): Promise<Host>;
}

export const createHosts = ({ needs, clock, signal }: GovernanceContext): Hosts => {
  const recent = new Map<string, { readonly host: Host; readonly askedMs: number }>();
  return {
    async find(id) {
      const known = recent.get(id);
      if (known && isYoungerThan(clock, known.askedMs, RECENT_MS)) return known.host;
      const askedMs = clock.now();
      const host = await needs.infrastructure.getHost({ id }, { signal, timeoutMs: TIMEOUT_MS });
      if (recent.size >= MOST) recent.clear();
      for (const name of [id, host.id]) recent.set(name, { host, askedMs });
      return host;
    },
  };
};
