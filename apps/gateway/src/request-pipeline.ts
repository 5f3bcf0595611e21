import { HoldfastError, mayCall, whyNot, type Route, type RouteMatch } from '@holdfast/contracts';
import type { Logger } from '@holdfast/sdk';
import { toRefusal } from '@holdfast/sdk';
import { authenticate } from './auth/authenticate.ts';
import type { Identity } from './auth/identity.ts';
import type { IssuedTokens } from './auth/issued-tokens.ts';
import type { LocalHeal } from './auth/local-heal.ts';
import type { TokenChecker } from './auth/token-checker.ts';
import type { CallLimits } from './call-limits.ts';
import type { Exchange } from './exchange.ts';
import type { Forwarder } from './forward/forwarder.ts';
import type { AccessLog } from './http/access-log.ts';
import { hasInputInBody, type ReadBody } from './http/read-body.ts';
import { sendRefusal } from './http/refusal.ts';
import { addressKey } from './http/remote-address.ts';
import { isLocal, type Router } from './http/router.ts';
import type { LocalAnswers } from './own/local-answers.ts';

export interface PipelineParts {
  readonly router: Router;
  readonly checker: TokenChecker;
  readonly hold: IssuedTokens['hold'];
  readonly anonymous: Identity;
  readonly localHeal: LocalHeal;
  readonly callLimits: CallLimits;
  readonly readBody: ReadBody;
  readonly forwarder: Forwarder;
  readonly answerHere: LocalAnswers;
  readonly accessLog: AccessLog;
  readonly log: Logger;
}

const matchOf = (router: Router, exchange: Exchange): RouteMatch => {
  const { method = '' } = exchange.request;
  const { path } = exchange.target;
  const found = router.find(method === 'HEAD' ? 'GET' : method, path, exchange.head.accept);
  if (found === undefined) throw new HoldfastError('not_found', { what: path });
  if ('route' in found) return found;
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
  const { router, checker, callLimits, forwarder, accessLog } = parts;

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

  const handOn = (
    exchange: Exchange,
    route: Route,
    identity: Identity,
    body: Buffer | undefined,
  ): void => {
    const { target, head, traceparent, request, response } = exchange;
    const headOnly = request.method === 'HEAD';
    if (route.op.stream !== undefined)
      response.once(
        'close',
        parts.hold(identity, () => response.destroy()),
      );
    forwarder.forward(
      { route, target, head, traceparent, identity, body, headOnly },
      response,
      (error) => fail(exchange, error),
    );
  };

  const proceed = (exchange: Exchange, match: RouteMatch, identity: Identity): void => {
    const { route } = match;
    const { op } = route;
    const { principal } = identity;
    callLimits.count(
      op,
      principal?.id ?? `from ${addressKey(exchange.request.socket.remoteAddress)}`,
    );
    const wanted = { kernel: route.api.kernel, name: route.name, op };
    if (!mayCall(principal, wanted))
      throw new HoldfastError('forbidden', { detail: whyNot(principal, wanted) });
    const failed = (error: unknown): void => fail(exchange, error);
    if (isLocal(route.api)) {
      parts.answerHere(exchange, match, principal).catch(failed);
    } else if (exchange.head.hasBody && hasInputInBody(op)) {
      parts
        .readBody(exchange, op)
        .then((body) => handOn(exchange, route, identity, body))
        .catch(failed);
    } else handOn(exchange, route, identity, undefined);
  };

  const identify = (exchange: Exchange, route: Route): Identity | Promise<Identity> => {
    if (route.op.role === 'anyone') return parts.anonymous;
    const { request, head } = exchange;
    return (
      parts.localHeal(request, route) ?? authenticate(checker, head.authorization, request.socket)
    );
  };

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
      const match = matchOf(router, exchange);
      const identity = identify(exchange, match.route);
      if (!(identity instanceof Promise)) return proceed(exchange, match, identity);
      identity
        .then((known) => proceed(exchange, match, known))
        .catch((error: unknown) => fail(exchange, error));
    } catch (error) {
      fail(exchange, error);
    }
  };
};
