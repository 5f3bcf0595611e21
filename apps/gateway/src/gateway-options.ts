import type { Api, GuardianQuestion, PortMap, Profile, TokenRecord } from '@holdfast/contracts';
import type { Logger } from '@holdfast/sdk';
import type { TimeLimits } from './forward/time-limits.ts';

export interface GatewayOptions {
  readonly profile: Profile;
  readonly secret: string;
  readonly tokens: readonly TokenRecord[];
  ports(): PortMap;
  ask(question: GuardianQuestion): Promise<unknown>;
  readonly log: Logger;
  /** All of the product's unless told. */
  readonly apis?: readonly Api[];
  readonly limits?: Partial<TimeLimits>;
}
