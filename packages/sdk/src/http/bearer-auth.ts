import { createHash } from 'node:crypto';
import {
  HoldfastError,
  gatewayApi,
  hasRole,
  isHoldfastError,
  principalSchema,
  type Principal,
} from '@holdfast/contracts';
import { KeptConnections, createClient, createHttpTransport } from '@holdfast/client';

/** The principal that a token belongs to. Rejects with unauthenticated or forbidden, or kernel_unavailable when nobody can tell. */
export type TokenCheck = (token: string) => Promise<Principal>;

const KNOWN_MS = 1_000;
const REFUSED_MS = 1_000;
const MOST_KNOWN = 256;
/** The token is nobody's, or no longer anybody's. */
const REFUSALS: readonly string[] = ['unauthenticated', 'forbidden'];
const ASK_TIMEOUT_MS = 5_000;

/** Asks the gateway of this stack, which alone keeps the token records. */
export const askGateway = (gatewayPort: number): TokenCheck => {
  const agent = new KeptConnections({ maxSockets: 4 });
  const baseUrl = (): string => `http://127.0.0.1:${gatewayPort}`;
  return async (token) => {
    const headers = () => ({ authorization: `Bearer ${token}` });
    const client = createClient(gatewayApi, createHttpTransport({ baseUrl, headers, agent }));
    try {
      const principal = principalSchema.parse(
        await client.whoAmI({}, { timeoutMs: ASK_TIMEOUT_MS }),
      );
      if (hasRole(principal, 'viewer')) return principal;
    } catch (cause) {
      if (isHoldfastError(cause) && [...REFUSALS, 'rate_limited'].includes(cause.code)) throw cause;
      throw new HoldfastError('kernel_unavailable', { kernel: 'gateway' }, { cause });
    }
    throw new HoldfastError('unauthenticated');
  };
};

interface Answer {
  readonly principal: Promise<Principal>;
  until: number;
}

/**
 * Remembers answers by the SHA-256 of the token: who it belongs to for 5 s, that it belongs to nobody for 1 s. One that
 * could not be checked is asked for again. `now` in milliseconds, never going back.
 */
export const rememberTokens = (
  check: TokenCheck,
  now: () => number = () => performance.now(),
): TokenCheck => {
  const answers = new Map<string, Answer>();

  const ask = (key: string, token: string): Answer => {
    const answer: Answer = { principal: check(token), until: Infinity };
    answer.principal.then(
      () => (answer.until = now() + KNOWN_MS),
      (error: unknown) => {
        const refused = isHoldfastError(error) && REFUSALS.includes(error.code);
        answer.until = refused ? now() + REFUSED_MS : 0;
      },
    );
    answers.delete(key);
    answers.set(key, answer);
    const [oldest] = answers.keys();
    if (answers.size > MOST_KNOWN) answers.delete(oldest!);
    return answer;
  };

  return (token) => {
    const key = createHash('sha256').update(token).digest('base64');
    const known = answers.get(key);
    return (known !== undefined && now() < known.until ? known : ask(key, token)).principal;
  };
};
