import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  HoldfastError,
  IDEMPOTENCY_HEADER,
  createRouteTable,
  routesOf,
  type RouteMatch,
} from '@holdfast/contracts';
import { authenticateInternal } from '../http/internal-auth.ts';
import { readInput } from '../http/op-input.ts';
import { sendJson, sendProblem, sendText } from '../http/send.ts';
import { sendStream } from '../http/stream.ts';
import type { Logger } from '../log/logger.ts';
import type { Call, StreamItem } from './define-kernel.ts';
import { authorise, handlerOf } from './dispatch.ts';
import type { KernelHost } from './kernel-host.ts';
import { createKernelMetrics } from './metrics.ts';

const headerText = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;
};

/**
 * Signals of calls: one aborts when its caller's connection closes before the answer was sent, all when the kernel
 * stops. The kernel's own signal gets one listener, not one for each call.
 */
const createCallSignals = (stop: AbortSignal): ((response: ServerResponse) => AbortSignal) => {
  const open = new Set<AbortController>();
  stop.addEventListener('abort', () => {
    for (const call of open) call.abort();
  });
  return (response) => {
    const call = new AbortController();
    if (stop.aborted) call.abort();
    open.add(call);
    response.once('close', () => {
      open.delete(call);
      call.abort();
    });
    return call.signal;
  };
};

/** The HTTP face of a kernel: its operations, `/health` for anyone, `/ready` and `/metrics` for insiders. */
export const createKernelServer = (host: KernelHost, secret: string, log: Logger): Server => {
  const { definition } = host;
  const routes = createRouteTable(routesOf(definition.api));
  const metrics = createKernelMetrics(definition.id);
  const signalOf = createCallSignals(host.signal);

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
    authenticateInternal(request, secret);
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
    const principal = authorise(op, authenticateInternal(request, secret));
    const call: Call = {
      principal,
      signal: signalOf(response),
      idempotencyKey: headerText(request, IDEMPOTENCY_HEADER),
      lastEventId: headerText(request, 'last-event-id'),
    };
    const input = await readInput(request, match, query);
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

  const server = createServer(
    { requestTimeout: 60_000, headersTimeout: 10_000, keepAliveTimeout: 30_000 },
    (request, response) => void answer(request, response),
  );
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = (request.url ?? '').split('?')[0]!;
    try {
      authenticateInternal(request, secret);
      if (!definition.api.upgrades?.includes(path) || !host.instance.upgrade)
        throw new HoldfastError('not_found', { what: path });
      host.instance.upgrade(request, socket, head);
    } catch {
      socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    }
  });
  return server;
};
