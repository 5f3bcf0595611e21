import { DEFAULT_TIMEOUT_MS, type CallOptions, type Transport } from '@holdfast/client';
import { HoldfastError, type Api, type Op } from '@holdfast/contracts';
import { CallEnded, LineLost, openCallLine, type CallLine } from './call-line.ts';
import { MAX_CALL_CHARS } from './frames.ts';

/** The next process serves a port by then: see KeptConnections. */
const LET_GO_MS = 5_000;
/** After a line could not be opened. */
const RETRY_MS = 1_000;

export interface LineTransportOptions {
  /** Where the api is served now, for example `http://127.0.0.1:8101`; asked before each call. */
  baseUrl(api: Api): string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Takes what no line takes. */
  readonly overHttp: Transport;
}

export interface LineTransport {
  readonly transport: Transport;
  /** Puts no more calls on lines to a port, and opens none to it for a while. */
  letGo(port: number): void;
}

/** What is known of the line to one base URL. */
interface Way {
  line: CallLine | undefined;
  calls: number;
  opening: boolean;
  /** No line is opened before (`performance.now()`). */
  notBefore: number;
}

const hasBody = ({ method }: Op): boolean => method === 'POST' || method === 'PUT';

/** What goes into the query or the path of a URL arrives as the same text here, and what a query leaves out stays away. */
const asQuery = (input: unknown): Record<string, string> => {
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(input ?? {}))
    if (value !== undefined && value !== null) texts[key] = String(value);
  return texts;
};

const textOf = (op: Op, input: unknown): string =>
  JSON.stringify(hasBody(op) ? (input ?? {}) : asQuery(input));

/** Calls over the line. Every failure is a HoldfastError but LineLost. */
const callOver = async (
  line: CallLine,
  kernel: string,
  what: Parameters<CallLine['call']>[0],
  { signal, timeoutMs = DEFAULT_TIMEOUT_MS }: CallOptions,
): Promise<unknown> => {
  if (signal?.aborted) throw new HoldfastError('kernel_unavailable', { kernel });
  let release = (): void => {};
  try {
    return await line.call(what, (end) => {
      const cancel = (): void => end(new CallEnded('the caller gave up'));
      const timer = setTimeout(() => {
        // Nobody knows what is wrong with it: later calls do not have to find out.
        line.leave();
        end(new HoldfastError('kernel_timeout', { kernel, timeout_ms: timeoutMs }));
      }, timeoutMs);
      signal?.addEventListener('abort', cancel, { once: true });
      release = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
      };
    });
  } catch (cause) {
    if (!(cause instanceof CallEnded)) throw cause;
    throw new HoldfastError('kernel_unavailable', { kernel }, { cause });
  } finally {
    release();
  }
};

/**
 * Calls operations of other kernels over one lasting connection to each, where there is one; over HTTP until it is open,
 * after it broke, and for what is too long. A repeatable call whose line broke is made once more: RFC 9110 section 9.2.2.
 */
export const createLineTransport = ({
  baseUrl,
  headers,
  overHttp,
}: LineTransportOptions): LineTransport => {
  const ways = new Map<string, Way>();

  const wayTo = (base: string): Way => {
    const known = ways.get(base);
    if (known) return known;
    const way: Way = { line: undefined, calls: 0, opening: false, notBefore: 0 };
    ways.set(base, way);
    return way;
  };
  const openWhereWorth = (base: string, way: Way): void => {
    way.calls += 1;
    if (way.calls < 2 || way.opening || performance.now() < way.notBefore) return;
    way.opening = true;
    void openCallLine(base, headers).then((line) => {
      way.opening = false;
      if (line && performance.now() >= way.notBefore) {
        way.line = line;
        return;
      }
      line?.leave();
      way.notBefore = Math.max(way.notBefore, performance.now() + RETRY_MS);
    });
  };

  return {
    async transport(api, name, op, input, options) {
      const base = baseUrl(api);
      const http = (): Promise<unknown> => overHttp(api, name, op, input, options);
      if (base === undefined || op.stream !== undefined) return http();
      const way = wayTo(base);
      const { line } = way;
      if (!line?.isOpen) {
        if (line) way.calls = 0;
        way.line = undefined;
        openWhereWorth(base, way);
        return http();
      }
      if (line.isFull) return http();
      const text = textOf(op, input);
      if (text.length > MAX_CALL_CHARS / 2) return http();
      try {
        const key = options.idempotencyKey;
        return await callOver(line, api.kernel, { op: name, input: text, key }, options);
      } catch (error) {
        if (!(error instanceof LineLost)) throw error;
        if (op.method === 'GET' || options.idempotencyKey !== undefined) return http();
        throw new HoldfastError('kernel_unavailable', { kernel: api.kernel }, { cause: error });
      }
    },
    letGo(port) {
      for (const [base, way] of ways) {
        if (!base.endsWith(`:${port}`)) continue;
        way.notBefore = performance.now() + LET_GO_MS;
        way.line?.leave();
        way.line = undefined;
      }
    },
  };
};
