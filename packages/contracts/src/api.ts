import * as z from 'zod';
import type { ErrorCode } from './errors/holdfast-error.ts';
import type { KernelId } from './kernels.ts';
import type { Role } from './records/principal.ts';

/**
 * One operation of a kernel, as data. Input is one object: path parameters, plus the query of GET and DELETE or the
 * JSON body of the others. `role` is the least role that may call it through the gateway; `internal` operations are
 * for kernels and the guardian only and have no public route. `stream` answers with server-sent events or NDJSON.
 */
export interface Op<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly input: I;
  readonly output: O;
  readonly risk: 'read' | 'change';
  readonly role: Role | 'internal' | 'anyone';
  readonly status?: number;
  readonly stream?: 'sse' | 'ndjson';
  /** Internal operations only: the kernels (or `gateway`) that may call it; all kernels unless told. */
  readonly callers?: readonly (KernelId | 'gateway')[];
  /** Accepts an Idempotency-Key header: the same key and input give the first answer again. */
  readonly idempotent?: boolean;
  readonly errors?: readonly ErrorCode[];
  /** How long the first byte of an answer may take, in milliseconds; 30,000 unless told. */
  readonly answerMs?: number;
  /** Largest body in bytes; 1 MiB unless told. */
  readonly maxBodyBytes?: number;
}

export type Ops = Readonly<Record<string, Op>>;

/** The operations of one kernel. */
export interface Api<O extends Ops = Ops> {
  readonly kernel: KernelId | 'gateway' | 'guardian';
  readonly ops: O;
  /** WebSocket paths that the gateway passes through to the kernel. */
  readonly upgrades?: readonly string[];
}

export type PlainOp<I extends z.ZodType, O extends z.ZodType> = Op<I, O> & {
  readonly stream?: undefined;
};
export type StreamOp<I extends z.ZodType, O extends z.ZodType> = Op<I, O> & {
  readonly stream: 'sse' | 'ndjson';
};

export const op = <I extends z.ZodType, O extends z.ZodType>(
  definition: PlainOp<I, O>,
): PlainOp<I, O> => definition;

/** An operation that answers with a stream; its output is the schema of one item. */
export const streamOp = <I extends z.ZodType, O extends z.ZodType>(
  definition: StreamOp<I, O>,
): StreamOp<I, O> => definition;

export const defineApi = <const O extends Ops>(api: Api<O>): Api<O> => api;

export type OpInput<T extends Op> = z.input<T['input']>;
export type OpParsed<T extends Op> = z.output<T['input']>;
export type OpOutput<T extends Op> = z.output<T['output']>;

/** A page of things. `total` counts all that match; `next_cursor` is null on the last page. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), total: z.number().int(), next_cursor: z.string().nullable() });

export const pageInput = {
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(200).optional(),
};
