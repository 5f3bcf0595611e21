import type { KernelId, PortMap } from '../kernels.ts';
import type { GuardianStatus, KernelHealth } from '../records/kernel-status.ts';
import type { Profile } from '../records/profile.ts';

/**
 * The private channel between the guardian and the processes it started (Node's IPC). It never leaves the machine and
 * is not validated at run time: both ends are of one build. The listening socket travels with `init`.
 */
export interface ProcessInit {
  readonly type: 'init';
  /** Kernel id, or `gateway`, or `agent`. */
  readonly name: KernelId | 'gateway' | 'agent';
  readonly profile: Profile;
  /** HOLDFAST_HOME, absolute. */
  readonly home: string;
  readonly databaseUrl?: string;
  /** Shared by all processes of this start: kernels take calls only from those who know it. */
  readonly secret: string;
  /** Live ports; later changes arrive as `ports`. */
  readonly ports: PortMap;
  readonly gatewayPort: number;
  readonly killSwitch: boolean;
  /** Gateway only: the record to check owner tokens against. */
  readonly auth?: TokenRecord[];
  /** Agent only: a single-use token, when this host is not enrolled yet. */
  readonly enrolmentToken?: string;
}

/** A token as the server keeps it: a salted scrypt hash (hex), never the token. */
export interface TokenRecord {
  readonly id: string;
  readonly role: 'owner' | 'admin' | 'operator' | 'viewer';
  readonly salt: string;
  readonly hash: string;
}

export type ToChild =
  | ProcessInit
  | { readonly type: 'ports'; readonly ports: PortMap }
  | { readonly type: 'stop' }
  | { readonly type: 'reply'; readonly id: number; readonly ok: boolean; readonly body: unknown };

/** What a child may ask the guardian: only the gateway does, to serve `/guardian/*` and `/kernel-ports/*`. */
export type GuardianQuestion = 'status' | 'stop';

export type FromChild =
  | { readonly type: 'ready'; readonly health?: KernelHealth }
  | { readonly type: 'failed'; readonly problems: readonly string[] }
  | { readonly type: 'ask'; readonly id: number; readonly question: GuardianQuestion };

/** What a guardian tells the program that forked it, when there is a channel: how its start went. */
export type GuardianNews =
  | { readonly type: 'started'; readonly url: string; readonly status: GuardianStatus }
  | { readonly type: 'refused'; readonly code: string; readonly message: string };
