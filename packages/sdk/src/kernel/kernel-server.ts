import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  HoldfastError,
  IDEMPOTENCY_HEADER,
  VERSION,
  createRouteTable,
  routesOf,
  type RouteMatch,
} from '@holdfast/contracts';
import type { TokenCheck } from '../http/bearer-auth.ts';
import { createCallSignals } from '../http/call-signals.ts';
import { authenticateCaller, authenticateInternal } from '../http/internal-auth.ts';
import { readInput, readWholeInput } from '../http/op-input.ts';
import { sendJson, sendProblem, sendText, toRefusal } from '../http/send.ts';
import { sendStream } from '../http/stream.ts';
import { createLineServer, isLineUpgrade, type ServeCall } from '../line/line-server.ts';
import type { Logger } from '../log/logger.ts';
import { watchTraffic } from './activity.ts';
import type { Activity } from './child-channel.ts';
import type { Call, StreamItem } from './define-kernel.ts';
import { authorise, handlerOf } from './dispatch.ts';
import { CAP_MS, drainServer } from './drain.ts';
import type { KernelHost } from './kernel-host.ts';
import { createKernelMetrics } from './metrics.ts';

const shortText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;

const headerText = (request: IncomingMessage, name: string): string | undefined =>
  shortText(request.headers[name]);

export interface KernelServerOptions {
  /** Who a token belongs to; without it only those who know the secret of this start are let in. */
  readonly checkToken?: TokenCheck;
  /** How often this kernel was started again. */
  readonly restarts?: number;
  readonly build?: string;
}

export type KernelServer = Server & {
  activity(): Activity;
  /** Takes no more connections and finishes what runs; see drainServer. Streams and waits for news end now. */
  drain(): Promise<void>;
};

const waitsForNews = (input: unknown): boolean =>
  Number((input as { readonly wait_ms?: unknown }).wait_ms ?? 0) > 0;

/**
 * The HTTP face of a kernel: its operations, `/health` for anyone, `/ready` and `/metrics`. Callers know the secret of
 * this start or, for what is not internal, show a token.
 */
export const createKernelServer = (
  host: KernelHost,
  secret: string,
  log: Logger,
  options: KernelServerOptions = {},
): KernelServer => {
  const { definition } = host;
  const { restarts = 0, build = 'source' } = options;
  const routes = createRouteTable(routesOf(definition.api));
  const metrics = createKernelMetrics(definition.id, { restarts, build, version: VERSION });
  const signals = createCallSignals(host.signal);

  const answerBuiltIn = async (
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<boolean> => {
    if (request.method !== 'GET') return false;
    if (path === '/health') {
      const health = await host.health();
      sendJson(response, health.status === 'ok' ? 200 : 503, health);
      return true;
    }
    if (path !== '/ready' && path !== '/metrics') return false;
    await authenticateCaller(request, secret, options.checkToken);
    const health = await host.health();
    if (path === '/ready')
      sendJson(response, health.status === 'ok' ? 200 : 503, { ready: health.status === 'ok' });
    else
      sendText(
        response,
        200,
        metrics.text(health.uptime_s, host.instance.metrics?.() ?? []),
        'text/plain; version=0.0.4',
      );
    return true;
  };

  const answerOp = async (
    match: RouteMatch,
    query: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
  ) => {
    const { op, name } = match.route;
    const caller = await authenticateCaller(request, secret, options.checkToken);
    const principal = authorise({ kernel: host.definition.id, name, op }, caller);
    const input = await readInput(request, match, query);
    const call: Call = {
      principal,
      signal: signals.of(response, op.stream !== undefined || waitsForNews(input)),
      idempotencyKey: headerText(request, IDEMPOTENCY_HEADER),
      lastEventId: headerText(request, 'last-event-id'),
    };
    const result = handlerOf(host, name)(input, call);
    if (op.stream)
      await sendStream(response, op.stream, result as AsyncIterable<StreamItem>, call.signal);
    else sendJson(response, op.status ?? 200, await result);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const started = performance.now();
    let opName = 'none';
    try {
      const url = new URL(request.url ?? '/', 'http://kernel');
      if (await answerBuiltIn(url.pathname, request, response)) return;
      const found = routes.find(request.method ?? '', url.pathname, request.headers.accept ?? '');
      if (found === undefined) throw new HoldfastError('not_found', { what: url.pathname });
      if ('allow' in found) {
        response.setHeader('allow', found.allow.join(', '));
        throw new HoldfastError('method_not_allowed', { method: request.method });
      }
      opName = found.route.name;
      await answerOp(found, url.searchParams, request, response);
    } catch (error) {
      sendProblem(response, error, log);
    } finally {
      if (opName !== 'none')
        metrics.countRequest(opName, response.statusCode, performance.now() - started);
    }
  };

  /** The same as over HTTP, for what came over a line. */
  const serveCall: ServeCall = async ({ principal: caller, op: name, gone, ...asked }) => {
    const op = Object.hasOwn(definition.api.ops, name) ? definition.api.ops[name] : undefined;
    if (op === undefined || op.stream) throw new HoldfastError('not_found', { what: 'operation' });
    const started = performance.now();
    const ended = traffic.beginCall();
    let status = op.status ?? 200;
    try {
      const principal = authorise({ kernel: definition.id, name, op }, caller);
      const input = readWholeInput(op, asked.input);
      const { signal, end } = signals.open(waitsForNews(input));
      gone.addEventListener('abort', () => end(true), { once: true });
      try {
        const idempotencyKey = shortText(asked.idempotencyKey);
        return await handlerOf(host, name)(input, { principal, signal, idempotencyKey });
      } finally {
        end(false);
      }
    } catch (error) {
      const refusal = toRefusal(error, log);
      ({ status } = refusal.row);
      throw refusal;
    } finally {
      ended();
      metrics.countRequest(name, status, performance.now() - started);
    }
  };
  const lines = createLineServer(serveCall, (error) => toRefusal(error, log));

  const server = createServer(
    { requestTimeout: 60_000, headersTimeout: 10_000, keepAliveTimeout: 30_000 },
    (request, response) => void answer(request, response),
  );
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = (request.url ?? '').split('?')[0]!;
    // Node listens no more: without this, whoever hangs up while being refused would end the process.
    socket.on('error', () => socket.destroy());
    try {
      const caller = authenticateInternal(request, secret);
      if (caller && isLineUpgrade(request)) {
        (socket as Socket).setNoDelay(true);
        lines.accept(socket, head, caller);
        return;
      }
      if (!definition.api.upgrades?.includes(path) || !host.instance.upgrade)
        throw new HoldfastError('not_found', { what: path });
      host.instance.upgrade(request, socket, head);
    } catch {
      socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    }
  });
  const traffic = watchTraffic(server);
  return Object.assign(server, {
    activity: () => traffic.activity(() => host.busy() !== undefined),
    async drain() {
      signals.endEndless();
      await lines.drain(CAP_MS, drainServer(server, traffic));
    },
  });
};
