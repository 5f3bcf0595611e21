import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AGENT_PATH, HoldfastError, allApis } from '@holdfast/contracts';
import { closeServer, toRefusal } from '@holdfast/sdk';
import { authenticate } from './auth/authenticate.ts';
import { anonymousIdentity } from './auth/identity.ts';
import { createTokenChecker } from './auth/token-checker.ts';
import { createCallLimits } from './call-limits.ts';
import { createForwarder } from './forward/forwarder.ts';
import { createKernelDirectory } from './forward/kernel-directory.ts';
import { defaultTimeLimits, sweepInterval } from './forward/time-limits.ts';
import { createUpgradeSplicer } from './forward/upgrade-splicer.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { createAccessLog } from './http/access-log.ts';
import { createBodyBuffer } from './http/body-buffer.ts';
import { refuseUnreadable } from './http/client-error.ts';
import { endWithRefusal, sendRefusal } from './http/refusal.ts';
import { readHead } from './http/request-head.ts';
import { parseTarget } from './http/request-target.ts';
import { createRouter } from './http/router.ts';
import { createTraceparent } from './http/trace-context.ts';
import { createGuardianQuestions } from './own/guardian-questions.ts';
import { createOwnOps } from './own/own-ops.ts';
import { createRequestPipeline } from './request-pipeline.ts';

export interface Gateway {
  readonly server: Server;
  /** Lets running answers finish for a while; streams and passed-through connections are cut at once. */
  stop(): Promise<void>;
}

const SERVER_LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 30_000,
} as const;
/** A connection on which nothing moves either way: a caller who stopped reading, or is gone without a word. */
const STILL_MS = 120_000;
const BODY_BUDGET_BYTES = 64 * 1024 * 1024;

const ignore = (): void => {};
const badTarget = (): HoldfastError =>
  new HoldfastError('invalid_input', { detail: 'the request target is not a plain path' });

/** The one public door, ready to listen. */
export const createGateway = (options: GatewayOptions): Gateway => {
  const { profile, secret, log } = options;
  const apis = options.apis ?? allApis;
  const limits = { ...defaultTimeLimits, ...options.limits };
  const directory = createKernelDirectory({
    ports: options.ports,
    isEnabled: (kernel) => profile.kernels[kernel]?.enabled === true,
    sweepMs: sweepInterval(limits),
  });
  const router = createRouter(apis);
  const checker = createTokenChecker(options.tokens, secret);
  const splicer = createUpgradeSplicer(directory, limits);
  const forwarder = createForwarder(directory, limits);
  const anonymous = anonymousIdentity(secret);
  const handle = createRequestPipeline({
    router,
    checker,
    anonymous,
    callLimits: createCallLimits(profile.limits.rate_limit_rps),
    bodies: createBodyBuffer(BODY_BUDGET_BYTES),
    forwarder,
    ownOps: createOwnOps(createGuardianQuestions(options.ask), profile),
    accessLog: createAccessLog(log),
    log,
  });

  const onRequest = (
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
  ): void => {
    response.on('error', ignore);
    const target = parseTarget(request.url ?? '');
    if (target === undefined) return sendRefusal(response, badTarget());
    const head = readHead(request.rawHeaders);
    const traceparent = head.traceparent ?? createTraceparent();
    const startedAt = performance.now();
    handle({ request, response, head, target, traceparent, startedAt, expectsContinue });
  };

  /** The agent channel proves itself with a signature to its kernel; every other one needs a token here. */
  const onUpgrade = async (request: IncomingMessage, socket: Socket, early: Buffer) => {
    const target = parseTarget(request.url ?? '');
    if (target === undefined) throw badTarget();
    const api = router.upgradeOwner(target.path);
    const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
    if (api === undefined || !isWebSocket || request.method !== 'GET')
      throw new HoldfastError('not_found', { what: `${target.path} as a WebSocket` });
    const head = readHead(request.rawHeaders);
    const identity =
      target.path === AGENT_PATH
        ? anonymous
        : await authenticate(checker, head.authorization, socket);
    const traceparent = head.traceparent ?? createTraceparent();
    const headerText = `${identity.headerText}traceparent: ${traceparent}\r\n`;
    splicer.splice({ api, target, request, socket, early, headerText });
  };

  const server = createServer(SERVER_LIMITS, (request, response) =>
    onRequest(request, response, false),
  );
  server.timeout = STILL_MS;
  server.on('checkContinue', (request, response) => onRequest(request, response, true));
  server.on('upgrade', (request, duplex, early) => {
    const socket = duplex as Socket;
    socket.setTimeout(0);
    socket.on('error', () => socket.destroy());
    onUpgrade(request, socket, early).catch((error: unknown) =>
      endWithRefusal(socket, toRefusal(error, log)),
    );
  });
  server.on('clientError', refuseUnreadable);

  return {
    server,
    async stop() {
      const closed = closeServer(server);
      forwarder.close();
      splicer.close();
      await closed;
      directory.close();
    },
  };
};
