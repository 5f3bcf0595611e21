import { gatewayApi, type Principal, type RouteMatch } from '@holdfast/contracts';
import { anonymous, parseInput } from '@holdfast/sdk';
import type { Exchange } from '../exchange.ts';
import { hasInputInBody, type ReadBody } from '../http/read-body.ts';
import type { GuardianLine } from './guardian-line.ts';
import { parseJsonObject } from './json-object.ts';
import type { OwnAnswer, OwnOps } from './own-ops.ts';

/** Answers operations that no kernel owns: the gateway's own, and the guardian's, which has no port. */
export type LocalAnswers = (
  exchange: Exchange,
  match: RouteMatch,
  principal: Principal | undefined,
) => Promise<void>;

export const createLocalAnswers = (
  ownOps: OwnOps,
  guardian: GuardianLine,
  readBody: ReadBody,
): LocalAnswers => {
  const readInput = async (exchange: Exchange, { route, params }: RouteMatch): Promise<unknown> => {
    const rest = hasInputInBody(route.op)
      ? parseJsonObject(await readBody(exchange, route.op))
      : Object.fromEntries(new URLSearchParams(exchange.target.search));
    return parseInput(route.op, { ...rest, ...params });
  };

  const answerOf = async (
    { route }: RouteMatch,
    input: unknown,
    principal: Principal | undefined,
  ): Promise<OwnAnswer> => {
    const { api, name, op } = route;
    if (api.kernel === gatewayApi.kernel) {
      const own = ownOps[name as keyof OwnOps] as (
        input: unknown,
        principal: Principal | undefined,
      ) => Promise<OwnAnswer>;
      return own(input, principal);
    }
    const body = await guardian.ask(name, op, input, principal ?? anonymous);
    return { status: op.status ?? 200, json: JSON.stringify(body) };
  };

  return async (exchange, match, principal) => {
    const input = await readInput(exchange, match);
    const { status, json } = await answerOf(match, input, principal);
    exchange.response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(json),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    exchange.response.end(json);
  };
};
