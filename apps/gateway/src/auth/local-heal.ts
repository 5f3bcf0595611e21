import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LOCAL_CALLER, networkHealerApi, type Route } from '@holdfast/contracts';
import { createIdentity, type Identity } from './identity.ts';

/** The identity of a caller without a token, where it may have one; undefined: it needs a token like everybody. */
export type LocalHeal = (request: IncomingMessage, route: Route) => Identity | undefined;

export interface LocalHealOptions {
  /** `security.local_heal` of the profile. */
  readonly allowed: boolean;
  readonly secret: string;
  /** Where the gateway listens; null while it does not. */
  address(): AddressInfo | string | null;
}

const LOOPBACK = /^(?:::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/i;
const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'];
/** A browser or a proxy sends at least one of these, and can be made to call by someone who is not on this machine. */
const FOREIGN = /^(?:origin|referer|sec-.*|x-forwarded-.*|x-real-ip|forwarded|via)$/;

const isForeign = (request: IncomingMessage): boolean =>
  Object.keys(request.headers).some((name) => FOREIGN.test(name));

/**
 * Someone who sits at a machine with a broken stack may ask for a heal without looking for the token first: asking can
 * only start again what should run anyway. That holds for a program on this machine alone. So the connection comes from
 * loopback, the gateway can be reached in no other way, the Host field names this machine and port (a page whose name
 * was rebound to 127.0.0.1 sends its own name), it is HTTP/1.1 (reverse proxies speak 1.0 unless they are told) and no
 * field tells of a browser or a proxy. A proxy on this machine that hides all of that is taken for its caller: behind
 * one, `security.local_heal` has to be off.
 */
export const createLocalHeal = (options: LocalHealOptions): LocalHeal => {
  const identity = createIdentity(options.secret, LOCAL_CALLER);
  return (request, route) => {
    if (!options.allowed || route.api !== networkHealerApi || route.name !== 'heal')
      return undefined;
    if (request.headers.authorization !== undefined || request.httpVersion !== '1.1')
      return undefined;
    const bound = options.address();
    if (bound === null || typeof bound === 'string' || !LOOPBACK.test(bound.address))
      return undefined;
    if (!LOOPBACK.test(request.socket.remoteAddress ?? '')) return undefined;
    const host = request.headers.host?.toLowerCase();
    if (!LOCAL_NAMES.some((name) => host === `${name}:${bound.port}`)) return undefined;
    return isForeign(request) ? undefined : identity;
  };
};
