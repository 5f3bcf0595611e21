import type { Api, PortMap, Profile, TokenRecord } from '@holdfast/contracts';
import type { Logger } from '@holdfast/sdk';
import type { TimeLimits } from './forward/time-limits.ts';
import type { AskGuardian } from './own/guardian-line.ts';

export interface GatewayOptions {
  readonly profile: Profile;
  readonly secret: string;
  readonly tokens: readonly TokenRecord[];
  ports(): PortMap;
  /** Calls the listener whenever the port map was replaced. */
  onPorts?(listener: () => void): void;
  readonly ask: AskGuardian;
  readonly log: Logger;
  /** How many processes share the callers, and so the limits on them; 1 unless told. */
  readonly share?: number;
  /** All of the product's unless told. */
  readonly apis?: readonly Api[];
  readonly limits?: Partial<TimeLimits>;
}
