import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AGENT_PATH, HoldfastError, allApis } from '@holdfast/contracts';
import { toRefusal, type Activity } from '@holdfast/sdk';
import { authenticate } from './auth/authenticate.ts';
import { createGovernanceLine } from './auth/governance-line.ts';
import { anonymousIdentity } from './auth/identity.ts';
import { createIssuedTokens } from './auth/issued-tokens.ts';
import { createLocalHeal } from './auth/local-heal.ts';
import { createTokenChecker } from './auth/token-checker.ts';
import { createCallLimits } from './call-limits.ts';
import { drain } from './drain.ts';
import { createForwarder } from './forward/forwarder.ts';
import { createKernelDirectory } from './forward/kernel-directory.ts';
import { defaultTimeLimits, sweepInterval } from './forward/time-limits.ts';
import { createUpgradeSplicer } from './forward/upgrade-splicer.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { answerOn } from './http/answering-socket.ts';
import { createAccessLog } from './http/access-log.ts';
import { createBodyBuffer } from './http/body-buffer.ts';
import { refuseUnreadable } from './http/client-error.ts';
import { createReadBody } from './http/read-body.ts';
import { endWithRefusal, sendRefusal } from './http/refusal.ts';
import { readHead } from './http/request-head.ts';
import { parseTarget } from './http/request-target.ts';
import { createRouter } from './http/router.ts';
import { MAX_FIELDS, findFault } from './http/strict-request.ts';
import { createTraceparent } from './http/trace-context.ts';
import { createTraffic } from './http/traffic.ts';
import { createGuardianLine } from './own/guardian-line.ts';
import { createGuardianView } from './own/guardian-view.ts';
import { createLocalAnswers } from './own/local-answers.ts';
import { createOwnOps } from './own/own-ops.ts';
import { createRequestPipeline } from './request-pipeline.ts';

export interface Gateway {
  readonly server: Server;
  /** Closes kept connections to a port, for a process that is about to be replaced. Resolves when that is done. */
  letGo(port: number): Promise<void>;
  activity(): Activity;
  /** Takes no new connections and leaves none of the callers on the others without an answer: see drain. */
  stop(): Promise<void>;
}

const SERVER_LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 30_000,
  // Checked here, with a problem for an answer.
  requireHostHeader: false,
} as const;
/** A connection on which nothing moves either way: a caller who stopped reading, or is gone without a word. */
const STILL_MS = 120_000;
const BODY_BUDGET_BYTES = 64 * 1024 * 1024;

const ignore = (): void => {};
const badTarget = (): HoldfastError =>
  new HoldfastError('invalid_input', { detail: 'the request target is not a plain path' });

/** The one public door, ready to listen. */
export const createGateway = (options: GatewayOptions): Gateway => {
  const { profile, secret, log, share = 1 } = options;
  const apis = options.apis ?? allApis;
  const limits = { ...defaultTimeLimits, ...options.limits };
  const directory = createKernelDirectory({
    ports: options.ports,
    isEnabled: (kernel) => profile.kernels[kernel]?.enabled === true,
    sweepMs: sweepInterval(limits),
  });
  options.onPorts?.(() => directory.portsChanged());
  const router = createRouter(apis);
  const governance = createGovernanceLine(secret, options.ports);
  const issued = createIssuedTokens({ line: governance, secret, share });
  const checker = createTokenChecker(options.tokens, secret, issued, share);
  const splicer = createUpgradeSplicer(directory, limits);
  const forwarder = createForwarder(directory, limits);
  const anonymous = anonymousIdentity(secret);
  const guardian = createGuardianLine(options.ask);
  const readBody = createReadBody(createBodyBuffer(BODY_BUDGET_BYTES));
  const refused = new WeakSet<Socket>();
  let bound: ReturnType<Server['address']> = null;
  const handle = createRequestPipeline({
    router,
    checker,
    hold: issued.hold,
    anonymous,
    localHeal: createLocalHeal({
      allowed: profile.security.local_heal,
      secret,
      address: () => bound,
    }),
    callLimits: createCallLimits(profile.limits.rate_limit_rps, share),
    readBody,
    forwarder,
    answerHere: createLocalAnswers(
      createOwnOps(createGuardianView(guardian), profile),
      guardian,
      readBody,
    ),
    accessLog: createAccessLog(log),
    log,
  });

  const onRequest = (
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
  ): void => {
    const { socket } = request;
    // What follows a refused request in the same bytes may be the rest of it, made to look like one.
    if (refused.has(socket)) return;
    response.on('error', ignore);
    const head = readHead(request.rawHeaders);
    const target = parseTarget(request.url ?? '');
    const fault = findFault(request, head);
    if (target === undefined || fault !== undefined) {
      refused.add(socket);
      const error = fault === undefined ? badTarget() : new HoldfastError(fault);
      return sendRefusal(response, error, ['connection', 'close']);
    }
    traffic.begin(target.path, response);
    const traceparent = head.traceparent ?? createTraceparent();
    const startedAt = performance.now();
    handle({ request, response, head, target, traceparent, startedAt, expectsContinue });
  };

  /** The agent channel proves itself with a signature to its kernel; every other one needs a token here. */
  const onUpgrade = async (request: IncomingMessage, socket: Socket, early: Buffer) => {
    // An answer that is still to come on this connection would end up in the middle of what is passed through.
    if (refused.has(socket) || answerOn(socket)) return socket.destroy();
    const head = readHead(request.rawHeaders);
    const target = parseTarget(request.url ?? '');
    const fault = findFault(request, head);
    if (fault !== undefined || head.hasBody) throw new HoldfastError(fault ?? 'malformed_request');
    if (target === undefined) throw badTarget();
    const api = router.upgradeOwner(target.path);
    const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
    if (api === undefined || !isWebSocket || request.method !== 'GET')
      throw new HoldfastError('not_found', { what: `${target.path} as a WebSocket` });
    const identity =
      target.path === AGENT_PATH
        ? anonymous
        : await authenticate(checker, head.authorization, socket);
    const traceparent = head.traceparent ?? createTraceparent();
    const headerText = `${identity.headerText}traceparent: ${traceparent}\r\n`;
    return splicer.splice({ api, target, request, socket, early, headerText });
  };

  const server = createServer(SERVER_LIMITS, (request, response) =>
    onRequest(request, response, false),
  );
  const traffic = createTraffic(server);
  server.on('listening', () => (bound = server.address()));
  server.timeout = STILL_MS;
  // Fields beyond that are left out without a word: one more is enough to refuse them.
  server.maxHeadersCount = MAX_FIELDS + 1;
  server.on('checkContinue', (request, response) => onRequest(request, response, true));
  server.on('upgrade', (request, duplex, early) => {
    const socket = duplex as Socket;
    socket.setTimeout(0);
    socket.on('error', () => socket.destroy());
    onUpgrade(request, socket, early).catch((error: unknown) =>
      endWithRefusal(socket, toRefusal(error, log)),
    );
  });
  server.on('connect', (_request, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    endWithRefusal(socket, new HoldfastError('malformed_request'));
  });
  server.on('clientError', refuseUnreadable);

  return {
    server,
    letGo(port) {
      governance.letGo(port);
      return directory.letGo(port);
    },
    activity: traffic.activity,
    async stop() {
      await drain({
        server,
        endConnections: traffic.endConnections,
        isIdle: () => traffic.running() <= forwarder.streams(),
        cutEndless() {
          traffic.cutSilent();
          forwarder.close();
          splicer.close();
        },
      });
      directory.close();
      issued.close();
    },
  };
};
