import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { HoldfastError, PROBLEM_TYPE, type Principal } from '@holdfast/contracts';
import { answerJson, startFixtureKernel, type FixtureKernel } from './fixture-kernel.ts';

/** Governance as the gateway sees it: tokens that a test issues and revokes, and a revision that can be waited for. */
export interface FixtureGovernance {
  readonly kernel: FixtureKernel;
  /** How often it was asked whom a token belongs to. */
  introspections(): number;
  /** A token as it is sent. */
  issue(principal: Principal, expiresAt?: number): string;
  /** Changes whom a token belongs to; to nobody unless told. The gateway is told unless `silently`. */
  change(token: string, principal?: Principal, silently?: boolean): void;
  /** Resolves when the gateway waits for the next revision. */
  followed(): Promise<void>;
  /** Called with every introspection before it is answered. */
  onIntrospect: () => Promise<void>;
  /** Answers nothing any more, though connections are taken. */
  silent: boolean;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const YEAR_MS = 31_536_000_000;

const refuse = (response: ServerResponse): void => {
  const error = new HoldfastError('forbidden', { detail: 'the token is not valid' });
  response.setHeader('content-type', PROBLEM_TYPE);
  answerJson(response, error.toProblem(), 403);
};

export const startFixtureGovernance = async (): Promise<FixtureGovernance> => {
  const records = new Map<string, { digest: string; principal: Principal; expiresAt: number }>();
  const waiting = new Set<() => void>();
  const followers = new Set<() => void>();
  let revision = 7;
  let introspections = 0;

  const answerRevision = (url: URL, response: ServerResponse): void => {
    const after = Number(url.searchParams.get('after') ?? -1);
    const waitMs = Number(url.searchParams.get('wait_ms') ?? 0);
    const answer = (): void => {
      clearTimeout(timer);
      waiting.delete(answer);
      if (!response.destroyed) answerJson(response, { revision });
    };
    const timer = setTimeout(answer, revision > after ? 0 : waitMs);
    if (revision > after || waitMs === 0) return answer();
    waiting.add(answer);
    for (const tell of followers) tell();
    followers.clear();
  };

  const handler: FixtureKernel['handler'] = (request, response) => {
    if (fixture.silent) return;
    const url = new URL(request.url ?? '/', 'http://governance');
    if (url.pathname === '/identity/revision') return answerRevision(url, response);
    if (url.pathname !== '/identity/introspect') return answerJson(response, { path: request.url });
    introspections += 1;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { id, digest } = JSON.parse(Buffer.concat(chunks).toString()) as {
        id: string;
        digest: string;
      };
      const known = records.get(id);
      void fixture.onIntrospect().then(() => {
        if (known?.digest !== digest) return refuse(response);
        answerJson(response, {
          principal: known.principal,
          expires_at: new Date(known.expiresAt).toISOString(),
        });
      });
    });
  };

  const fixture: FixtureGovernance & { kernel: FixtureKernel } = {
    kernel: await startFixtureKernel(handler),
    introspections: () => introspections,
    issue(principal, expiresAt = Date.now() + YEAR_MS) {
      const id = randomBytes(10).toString('hex');
      const secret = randomBytes(32).toString('base64url');
      const digest = createHash('sha256').update(secret).digest('hex');
      records.set(id, { digest, principal: { ...principal, token: id }, expiresAt });
      return `hft_${id}_${secret}`;
    },
    change(token, principal, silently = false) {
      const id = token.split('_')[1]!;
      const known = records.get(id)!;
      if (principal === undefined) records.delete(id);
      else records.set(id, { ...known, principal: { ...principal, token: id } });
      if (silently) return;
      revision += 1;
      for (const answer of [...waiting]) answer();
    },
    followed: () =>
      waiting.size > 0
        ? Promise.resolve()
        : new Promise<void>((resolve) => followers.add(() => resolve())),
    onIntrospect: () => Promise.resolve(),
    silent: false,
    async restart() {
      fixture.kernel = await startFixtureKernel(handler, fixture.kernel.port);
    },
    async stop() {
      await fixture.kernel.close();
      waiting.clear();
    },
  };
  return fixture;
};
