import type { KernelId, PortMap } from '../kernels.ts';
import type { Problem } from '../errors/holdfast-error.ts';
import type { GuardianStatus, KernelHealth } from '../records/kernel-status.ts';
import type { Principal } from '../records/principal.ts';
import type { Profile } from '../records/profile.ts';

/**
 * The private channel between the guardian and the processes it started (Node's IPC, or after a guardian's death a
 * local socket: see `Rejoin`). It never leaves the machine and is not validated at run time: both ends are of one
 * build. The listening socket travels with `init`.
 */
export interface ProcessInit {
  readonly type: 'init';
  /** Kernel id, or `agent`, or `gateway`; of several gateway processes the others are `gateway-2` and so on. */
  readonly name: ProcessName;
  /** The effective profile: its files with the overrides of `configs/active.json`. */
  readonly profile: Profile;
  /** Names the values of the profile that concern this process; another one means that it has to be replaced. */
  readonly settings: string;
  /** HOLDFAST_HOME, absolute. */
  readonly home: string;
  readonly databaseUrl?: string;
  /** Shared by all processes of this start: kernels take calls only from those who know it. */
  readonly secret: string;
  /** Live ports; later changes arrive as `ports`. */
  readonly ports: PortMap;
  readonly gatewayPort: number;
  readonly killSwitch: boolean;
  /** How often this component was started again before. */
  readonly restarts: number;
  /** Where the next guardian listens for processes that outlived their own. */
  readonly controlPath: string;
  /** Gateway only: the record to check owner tokens against. */
  readonly auth?: TokenRecord[];
  /** Agent only: a single-use token, when this host is not enrolled yet. */
  readonly enrolmentToken?: string;
}

export type ProcessName = KernelId | 'gateway' | `gateway-${number}` | 'agent';

/** A token as the server keeps it: a salted scrypt hash (hex), never the token. */
export interface TokenRecord {
  readonly id: string;
  readonly role: 'owner' | 'admin' | 'operator' | 'viewer';
  readonly salt: string;
  readonly hash: string;
}

export type ToChild =
  | ProcessInit
  /** To the spare process only: from now on it is the program `entry`, and writes to the log file `log`. */
  | { readonly type: 'become'; readonly entry: string; readonly log: string }
  | { readonly type: 'ports'; readonly ports: PortMap }
  /** Kept connections to that port are closed once idle, and new calls take fresh ones: its process is replaced. */
  | { readonly type: 'let_go'; readonly id: number; readonly port: number }
  | { readonly type: 'ping'; readonly id: number }
  /** An accepted connection travels with it. */
  | { readonly type: 'connection' }
  /** Finish what runs, take nothing new, leave. */
  | { readonly type: 'stop' }
  | { readonly type: 'reply'; readonly id: number; readonly ok: true; readonly body: unknown }
  | { readonly type: 'reply'; readonly id: number; readonly ok: false; readonly problem: Problem };

export type FromChild =
  | { readonly type: 'ready'; readonly health?: KernelHealth }
  | { readonly type: 'failed'; readonly problems: readonly string[] }
  /** `idle_ms` since the last request, 0 while there is work; `requests` since the start, /health and /metrics not counted. */
  | {
      readonly type: 'pong';
      readonly id: number;
      readonly idle_ms: number;
      readonly requests: number;
    }
  | { readonly type: 'let_go_done'; readonly id: number }
  /** Operations of the guardian's APIs by name, with checked input: for callers of the gateway, or for a kernel itself. */
  | {
      readonly type: 'ask';
      readonly id: number;
      readonly op: string;
      readonly input: unknown;
      readonly principal: Principal;
    };

/**
 * The first line that a process writes to the control socket of a new guardian. The start time proves which process it
 * is, the secret that it belongs to this stack. Lines of JSON follow both ways: ToChild and FromChild.
 */
export interface Rejoin {
  readonly type: 'rejoin';
  readonly protocol: number;
  readonly name: ProcessName;
  readonly pid: number;
  readonly secret: string;
  readonly serving: boolean;
  readonly restarts: number;
  readonly started_at: string;
  /** As in its `init`; absent from a process of an older build. */
  readonly settings?: string;
}

/** Raised when messages of the private channel change their meaning. */
export const SUPERVISION_PROTOCOL = 1;

/** What a guardian tells the program that forked it, when there is a channel: how its start went. */
export type GuardianNews =
  | {
      readonly type: 'started';
      readonly url: string;
      readonly status: GuardianStatus;
      /** Settings that the profile of this start does not take, by key. */
      readonly dropped: readonly string[];
    }
  | { readonly type: 'refused'; readonly code: string; readonly message: string };
