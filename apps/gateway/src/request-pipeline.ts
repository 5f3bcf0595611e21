import { HoldfastError, gatewayApi, mayCall, type Op, type Route } from '@holdfast/contracts';
import type { Logger } from '@holdfast/sdk';
import { parseInput, readJsonBody, toRefusal } from '@holdfast/sdk';
import { authenticate } from './auth/authenticate.ts';
import type { Identity } from './auth/identity.ts';
import type { TokenChecker } from './auth/token-checker.ts';
import type { CallLimits } from './call-limits.ts';
import type { Exchange } from './exchange.ts';
import type { Forwarder } from './forward/forwarder.ts';
import type { AccessLog } from './http/access-log.ts';
import type { BodyBuffer } from './http/body-buffer.ts';
import { sendRefusal } from './http/refusal.ts';
import { addressKey } from './http/remote-address.ts';
import type { Router } from './http/router.ts';
import type { OwnAnswer, OwnOps } from './own/own-ops.ts';

export interface PipelineParts {
  readonly router: Router;
  readonly checker: TokenChecker;
  readonly anonymous: Identity;
  readonly callLimits: CallLimits;
  readonly bodies: BodyBuffer;
  readonly forwarder: Forwarder;
  readonly ownOps: OwnOps;
  readonly accessLog: AccessLog;
  readonly log: Logger;
}

const DEFAULT_BODY_BYTES = 1024 * 1024;

const hasInputInBody = ({ method }: Op): boolean => method === 'POST' || method === 'PUT';

const routeOf = (router: Router, exchange: Exchange): Route => {
  const { method = '' } = exchange.request;
  const { path } = exchange.target;
  const found = router.find(method === 'HEAD' ? 'GET' : method, path, exchange.head.accept);
  if (found === undefined) throw new HoldfastError('not_found', { what: path });
  if ('route' in found) return found.route;
  throw new HoldfastError('method_not_allowed', { method, allow: found.allow });
};

/** HEAD is offered wherever GET is (RFC 9110 section 9.3.2). */
const allowText = (methods: readonly string[]): string =>
  [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');

/**
 * The life of a request: route, authenticate, authorise, limit, read the body, hand on. What can be decided at once is
 * decided at once: nothing here waits unless a token is new or a body is on its way.
 */
export const createRequestPipeline = (parts: PipelineParts): ((exchange: Exchange) => void) => {
  const { router, checker, callLimits, bodies, forwarder, accessLog } = parts;

  const fail = (exchange: Exchange, error: unknown): void => {
    const refusal = toRefusal(error, parts.log);
    accessLog.failed(exchange, refusal);
    const extra: string[] = [];
    const allow = refusal.details['allow'];
    if (refusal.code === 'method_not_allowed') extra.push('allow', allowText(allow as string[]));
    // The caller still holds its body back and may never send it.
    if (exchange.expectsContinue) extra.push('connection', 'close');
    sendRefusal(exchange.response, refusal, extra);
  };

  const answerOwn = async (exchange: Exchange, route: Route): Promise<void> => {
    const own = parts.ownOps[route.name as keyof OwnOps] as (input: unknown) => Promise<OwnAnswer>;
    const raw = hasInputInBody(route.op)
      ? await readJsonBody(exchange.request, DEFAULT_BODY_BYTES)
      : Object.fromEntries(new URLSearchParams(exchange.target.search));
    const { status, json } = await own(parseInput(route.op, raw));
    exchange.response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(json),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    exchange.response.end(json);
  };

  const handOn = (
    exchange: Exchange,
    route: Route,
    identity: Identity,
    body: Buffer | undefined,
  ): void => {
    const { target, head, traceparent, request, response } = exchange;
    const headOnly = request.method === 'HEAD';
    forwarder.forward(
      { route, target, head, traceparent, identity, body, headOnly },
      response,
      (error) => fail(exchange, error),
    );
  };

  const readBody = (exchange: Exchange, op: Op): Promise<Buffer> => {
    const limit_bytes = op.maxBodyBytes ?? DEFAULT_BODY_BYTES;
    if (exchange.head.contentLength > limit_bytes)
      throw new HoldfastError('body_too_large', { limit_bytes });
    if (exchange.expectsContinue) exchange.response.writeContinue();
    return bodies.read(exchange.request, limit_bytes);
  };

  const proceed = (exchange: Exchange, route: Route, identity: Identity): void => {
    const { op } = route;
    const { principal } = identity;
    callLimits.count(op, principal?.id ?? addressKey(exchange.request.socket.remoteAddress));
    if (!mayCall(principal, op))
      throw new HoldfastError('forbidden', {
        detail: `role ${principal?.role ?? 'none'} may not call this; it takes ${op.role}`,
      });
    const failed = (error: unknown): void => fail(exchange, error);
    if (route.api.kernel === gatewayApi.kernel) {
      answerOwn(exchange, route).catch(failed);
    } else if (exchange.head.hasBody && hasInputInBody(op)) {
      readBody(exchange, op)
        .then((body) => handOn(exchange, route, identity, body))
        .catch(failed);
    } else handOn(exchange, route, identity, undefined);
  };

  const identify = (exchange: Exchange, op: Op): Identity | Promise<Identity> =>
    op.role === 'anyone'
      ? parts.anonymous
      : authenticate(checker, exchange.head.authorization, exchange.request.socket);

  const answerOptions = (exchange: Exchange): void => {
    const found = router.find('OPTIONS', exchange.target.path, '');
    if (found === undefined || 'route' in found)
      throw new HoldfastError('not_found', { what: exchange.target.path });
    exchange.response.writeHead(204, { allow: allowText(found.allow) });
    exchange.response.end();
  };

  return (exchange) => {
    accessLog.watch(exchange);
    try {
      if (exchange.request.method === 'OPTIONS') return answerOptions(exchange);
      const route = routeOf(router, exchange);
      const identity = identify(exchange, route.op);
      if (!(identity instanceof Promise)) return proceed(exchange, route, identity);
      identity
        .then((known) => proceed(exchange, route, known))
        .catch((error: unknown) => fail(exchange, error));
    } catch (error) {
      fail(exchange, error);
    }
  };
};
