import type { Transport } from '@holdfast/client';
import type { Profile } from '@holdfast/contracts';
import type { Store } from '@holdfast/store';
import type { Migration } from '@holdfast/store';
import type { Clock } from '../clock.ts';
import type { PublishEvents } from '../events/outbox-relay.ts';
import type { Ids } from '../ids.ts';
import type { Logger } from '../log/logger.ts';

/**
 * What a host gives to a kernel: the guardian's process in production, an in-process world in tests. `publish` and
 * `subscribe` are absent for a kernel that needs neither (the bus itself).
 */
export interface KernelEnvironment {
  readonly profile: Profile;
  readonly home: string;
  readonly killSwitch: boolean;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Carries the calls of this kernel to the kernels it needs. */
  readonly transport: Transport;
  openStore(
    migrations: readonly Migration[],
    options: { readonly shared: boolean },
  ): Promise<Store>;
  readonly publish?: PublishEvents;
  /** How long events that follow others wait to go out together (ms). */
  readonly gatherMs?: number;
}
