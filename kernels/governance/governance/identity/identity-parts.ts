import type { Principal } from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';
import type { Statement } from '@holdfast/store';
import type { GovernanceContext } from '../context.ts';
import type { KeyStore } from './key-store.ts';
import type { PrincipalStore } from './principal-store.ts';
import type { Revision } from './revision.ts';
import type { TokenStore } from './token-store.ts';
import type { Voices } from './voices.ts';

/** What this part needs of its kernel. */
export type IdentityContext = Pick<
  GovernanceContext,
  'store' | 'commit' | 'clock' | 'ids' | 'log' | 'profile' | 'signal'
>;

export interface IdentityOptions {
  /**
   * Called before an attempt on the hard rules is refused; by default it is put on record as
   * `governance.tripwire.alert`. `detail` says what was tried, in words.
   */
  onTripwire?(principal: Principal, detail: string): Promise<void>;
  /** Called after every durable change of a principal or a key: other approvals may count from now on. */
  onVoices?(): void;
}

/** What the operations on identities share. */
export interface IdentityParts {
  readonly context: IdentityContext;
  readonly principals: PrincipalStore;
  readonly tokens: TokenStore;
  readonly keys: KeyStore;
  readonly revision: Revision;
  readonly voices: Voices;
  /**
   * One durable write of a change of who may call, with its event. Resolves when those who follow the revision have
   * heard of it.
   */
  commit(statements: readonly Statement[], events: readonly EventDraft[]): Promise<void>;
  /** Puts the attempt on record and refuses it with tripwire. */
  refuseTripwire(principal: Principal, detail: string): Promise<never>;
}
