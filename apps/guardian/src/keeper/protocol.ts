import type { GuardianNews } from '@holdfast/contracts';
import type { PauseRecord } from '../supervision/pause.ts';

/** A listening socket that the keeper holds. */
export interface HeldSocket {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** What the next guardian has to know to take over running processes. Kept in memory only. */
export interface StackMemory {
  readonly secret: string;
  /** How long automatic restarts are held, by kernel id or `all`. */
  readonly paused: Readonly<Record<string, PauseRecord>>;
  /** Processes that are to run whether anybody asks for them or not. */
  readonly running: readonly string[];
}

/** A socket travels with `give`. */
export type ToKeeper =
  | { readonly type: 'hold'; readonly id: number; readonly socket: HeldSocket }
  | { readonly type: 'give'; readonly socket: HeldSocket }
  | { readonly type: 'copy'; readonly id: number; readonly name: string }
  | { readonly type: 'release'; readonly name: string }
  | { readonly type: 'remember'; readonly memory: StackMemory }
  | { readonly type: 'news'; readonly news: GuardianNews }
  /** The stack is being stopped: a guardian that dies from now on is not started again. */
  | { readonly type: 'stopping' }
  /** This guardian leaves, and another is to follow at once. */
  | { readonly type: 'succeed' }
  | { readonly type: 'alive' }
  /** Answered by `pong`: a keeper that hangs is replaced. */
  | { readonly type: 'ping' }
  /** All is done: the keeper leaves with this exit code. */
  | { readonly type: 'finished'; readonly code: number };

/** A socket travels with `held`. */
export type FromKeeper =
  | { readonly type: 'begin'; readonly held: readonly HeldSocket[]; readonly memory?: StackMemory }
  | { readonly type: 'held'; readonly id: number; readonly port: number }
  | { readonly type: 'not_held'; readonly id: number; readonly code: string }
  /** Answered by `alive`: a guardian that hangs is ended, so that another can take over. */
  | { readonly type: 'ping' }
  /** `once`: the guardian may have been told the same by the terminal; twice means at once. */
  | { readonly type: 'pong' }
  | { readonly type: 'stop'; readonly why: string; readonly once: boolean };
