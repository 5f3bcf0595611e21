import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Client } from '@holdfast/client';
import type {
  Api,
  BusEvent,
  Event,
  KernelHealth,
  KernelId,
  Op,
  OpOutput,
  OpParsed,
  Principal,
  Profile,
} from '@holdfast/contracts';
import type { Migration, Statement, Store, WriteResult } from '@holdfast/store';
import type { Clock } from '../clock.ts';
import type { EventDraft } from '../events/event-factory.ts';
import type { Ids } from '../ids.ts';
import type { Logger } from '../log/logger.ts';

/** The schema of a kernel's settings and where they come from in the profile. Unknown keys are refused. */
export interface ConfigSource<C> {
  readonly schema: { parse(value: unknown): C; safeParse(value: unknown): SafeParse<C> };
  fromProfile(profile: Profile): unknown;
}

type SafeParse<C> =
  | { readonly success: true; readonly data: C }
  | {
      readonly success: false;
      readonly error: { readonly issues: readonly { path: PropertyKey[]; message: string }[] };
    };

/** One call of an operation: who calls, and what came along in headers. */
export interface Call {
  readonly principal: Principal;
  readonly idempotencyKey?: string;
  readonly lastEventId?: string;
  /** Aborts when the caller went away or the kernel stops. */
  readonly signal: AbortSignal;
}

/** A server-sent event (WHATWG HTML, 9.2) or, for NDJSON streams, one line. */
export interface StreamItem {
  readonly id?: string;
  readonly event?: string;
  readonly data: unknown;
}

export type Handler<O extends Op> = O extends { readonly stream: string }
  ? (input: OpParsed<O>, call: Call) => AsyncIterable<StreamItem>
  : (input: OpParsed<O>, call: Call) => Promise<OpOutput<O>>;

export type Handlers<A extends Api> = { readonly [K in keyof A['ops']]: Handler<A['ops'][K]> };

export type Needs = Readonly<Record<string, Api>>;
export type NeedClients<N extends Needs> = { readonly [K in keyof N]: Client<N[K]> };

/** Everything that a kernel may touch. There is no other way out of it. */
export interface KernelContext<C, N extends Needs> {
  readonly id: KernelId;
  readonly config: C;
  readonly profile: Profile;
  readonly needs: NeedClients<N>;
  readonly store: Store;
  /** One atomic write of state and of the events that announce it; resolves when it is durable. */
  commit(statements: readonly Statement[], events?: readonly EventDraft[]): Promise<WriteResult>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** HOLDFAST_HOME. */
  readonly home: string;
  /** HOLDFAST_KILL_SWITCH was set at start. */
  readonly killSwitch: boolean;
  /** Aborts when the kernel stops; background loops end with it. */
  readonly signal: AbortSignal;
}

export interface KernelInstance<A extends Api> {
  readonly handlers: Handlers<A>;
  /** Checks beside the store and outbox checks of the SDK; computed at each call. */
  health?(): Promise<KernelHealth['checks']>;
  /** Called once after the kernel serves: start background loops here. */
  start?(): void;
  /** One event of `subscribes`, at least once, in order within its priority; a rejection delivers it again. */
  onEvent?(event: BusEvent): Promise<void>;
  /** WebSocket upgrade of one of the api's `upgrades` paths. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Why the process must not be put to sleep now, beside calls and events on their way; undefined when it may be. */
  busy?(): string | undefined;
  /** Lines of Prometheus text beside those of the SDK. */
  metrics?(): readonly string[];
  stop?(): Promise<void>;
}

/** A kernel: data first, behaviour second. */
export interface KernelDefinition<A extends Api = Api, C = unknown, N extends Needs = Needs> {
  readonly id: KernelId;
  readonly api: A;
  readonly config: ConfigSource<C>;
  readonly needs: N;
  readonly subscribes: readonly Event['type'][];
  readonly migrations: readonly Migration[];
  /** Several processes of this kernel may write one PostgreSQL schema: its writes guard themselves. */
  readonly sharesStore?: boolean;
  init(context: KernelContext<C, N>): Promise<KernelInstance<A>>;
}

export const defineKernel = <A extends Api, C, N extends Needs>(
  definition: KernelDefinition<A, C, N>,
): KernelDefinition<A, C, N> => definition;
