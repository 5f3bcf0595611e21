import type { IssuedIdentity } from './issued-identity.ts';

/** Calls that go on after they were let in: streams. They end with the token by which they were let in. */
export interface HeldCalls {
  /** Calls `cut` once when the token ends, or becomes good for something else. Answers how to let go of the call. */
  hold(origin: IssuedIdentity, cut: () => void): () => void;
  /** Looks at all of them again. */
  checkAll(): void;
  /** Cuts those whose time is over. */
  cutExpired(): void;
}

/**
 * `ask` resolves with undefined when the token is not good any more; when it rejects, nobody can tell, and nothing is
 * cut.
 */
export const createHeldCalls = (
  ask: (token: IssuedIdentity['token']) => Promise<IssuedIdentity | undefined>,
): HeldCalls => {
  const held = new Map<() => void, IssuedIdentity>();

  const cut = (end: () => void): void => {
    if (held.delete(end)) end();
  };

  const check = async (token: IssuedIdentity['token'], ends: readonly (() => void)[]) => {
    try {
      const found = await ask(token);
      for (const end of ends)
        if (found?.identity.headerText !== held.get(end)?.identity.headerText) cut(end);
    } catch {
      // Asked again at the next change, which comes with the first answer after the silence.
    }
  };

  return {
    hold(origin, end) {
      held.set(end, origin);
      return () => void held.delete(end);
    },
    checkAll() {
      const byToken = new Map<string, [IssuedIdentity['token'], (() => void)[]]>();
      for (const [end, { token }] of held) {
        const calls = byToken.get(token.key)?.[1];
        if (calls === undefined) byToken.set(token.key, [token, [end]]);
        else calls.push(end);
      }
      for (const [token, ends] of byToken.values()) void check(token, ends);
    },
    cutExpired() {
      for (const [end, { expiresAt }] of held) if (expiresAt <= Date.now()) cut(end);
    },
  };
};
