import type { Socket } from 'node:net';
import type {
  FromChild,
  IssueType,
  KernelState,
  ProcessName,
  Profile,
  ToChild,
} from '@holdfast/contracts';
import type { ListenHandle, ProcessIdentity } from '@holdfast/sdk/process';
import type { Child } from './child-process.ts';
import type { ProbeResult } from './health-probe.ts';

/** Connections that arrive for a process while it sleeps. */
export interface Doorman {
  /** Listens in the place of the process; `knock` is called at the first connection. */
  open(knock: () => void): Promise<void>;
  /** Stops listening; what was accepted and not taken stays. */
  close(): void;
  /** Accepted connections, nothing read from them yet. */
  take(): Socket[];
  waiting(): number;
}

/** What stays the same over all lives of one supervised process. */
export interface ProcessSpec {
  readonly name: ProcessName;
  readonly timings: Profile['guardian'];
  /** Starts a process; `warm` lets it be the spare one. */
  start(warm: boolean): Child;
  /** Makes the first message of one life; it may wait, and its failure counts as a failed start. */
  init(): Promise<{ readonly message: ToChild; readonly handle?: ListenHandle }>;
  /** What `init` waits for, for the reason that is shown meanwhile. */
  readonly needs?: string;
  /** Undefined where there is no port to ask. */
  readonly probe?: () => Promise<ProbeResult>;
  /** Undefined for those who may not ask. */
  readonly answer?: (question: Extract<FromChild, { type: 'ask' }>) => Promise<ToChild>;
  /** Two of it may run at a time: a new one serves before the old one leaves. */
  readonly overlaps: boolean;
  /** Its port now; undefined where it has none. */
  port(): number | undefined;
  /** Present where the process is started by its first connection and stopped after `idleMs` without one. */
  readonly onDemand?: { readonly idleMs: number; readonly doorman: Doorman };
  /** Started with the stack though it is on demand: it was awake when the last one ended. */
  readonly wasAwake?: boolean;
}

export interface ProcessState {
  readonly status: KernelState;
  readonly reason: string;
  readonly pid?: number;
  readonly identity?: ProcessIdentity;
  /** By the wall clock, for people. */
  readonly startedAt?: Date;
  /** By `performance.now()`, which never jumps; below 0 when it was before this guardian. */
  readonly bornAt?: number;
  readonly lastCheck?: Date;
  readonly failures: number;
  readonly restarts: number;
}

/** Why a life ended, as the healer names it. */
export interface EndCause {
  readonly mode: IssueType;
  readonly why: string;
  /** Of the process that died or hangs. */
  readonly pid?: number;
}
