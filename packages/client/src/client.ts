import type { Api, Op, OpInput, OpOutput, Ops } from '@holdfast/contracts';

export interface CallOptions {
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  /** Gives up after this many milliseconds; 30,000 unless told. */
  readonly timeoutMs?: number;
}

/** Carries one call to whoever serves the operation: over HTTP, or within the process. */
export type Transport = (
  api: Api,
  name: string,
  op: Op,
  input: unknown,
  options: CallOptions,
) => Promise<unknown>;

type CallableOps<O extends Ops> = {
  [K in keyof O as O[K] extends { readonly stream: string } ? never : K]: O[K];
};

/** One method for each operation that is not a stream. Rejects with HoldfastError. */
export type Client<A extends Api> = {
  readonly [K in keyof CallableOps<A['ops']>]: (
    input: OpInput<A['ops'][K]>,
    options?: CallOptions,
  ) => Promise<OpOutput<A['ops'][K]>>;
};

export const createClient = <A extends Api>(api: A, transport: Transport): Client<A> => {
  const methods: Record<string, unknown> = {};
  for (const [name, op] of Object.entries(api.ops)) {
    if (op.stream) continue;
    methods[name] = (input: unknown, options: CallOptions = {}) =>
      transport(api, name, op, input, options);
  }
  return methods as Client<A>;
};
