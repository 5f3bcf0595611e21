import type { IssuedIdentity } from './issued-identity.ts';

/** Calls that go on after they were let in: streams. They end with the token by which they were let in. */
export interface HeldCalls {
  /** Calls `cut` once when the token ends, or becomes good for something else. Answers how to let go of the call. */
  hold(origin: IssuedIdentity, cut: () => void): () => void;
  /** Looks at all of them again. */
  checkAll(): void;
  /** Looks again at those about which nobody could tell when they were last looked at. */
  checkUnchecked(): void;
  /** Cuts those whose time is over. */
  cutExpired(): void;
}

/**
 * `ask` resolves with undefined when the token is not good any more; when it rejects, nobody can tell: nothing is cut, and
 * the calls stay unchecked.
 */
export const createHeldCalls = (
  ask: (token: IssuedIdentity['token']) => Promise<IssuedIdentity | undefined>,
): HeldCalls => {
  const held = new Map<() => void, IssuedIdentity>();
  const unchecked = new Set<() => void>();

  const letGo = (end: () => void): boolean => {
    unchecked.delete(end);
    return held.delete(end);
  };

  const cut = (end: () => void): void => {
    if (letGo(end)) end();
  };

  const check = async (token: IssuedIdentity['token'], ends: readonly (() => void)[]) => {
    try {
      const found = await ask(token);
      for (const end of ends)
        if (found?.identity.headerText !== held.get(end)?.identity.headerText) cut(end);
    } catch {
      for (const end of ends) if (held.has(end)) unchecked.add(end);
    }
  };

  /** Asks once for each token. */
  const checkEach = (ends: Iterable<() => void>): void => {
    const byToken = new Map<string, [IssuedIdentity['token'], (() => void)[]]>();
    for (const end of ends) {
      const { token } = held.get(end)!;
      const calls = byToken.get(token.key)?.[1];
      if (calls === undefined) byToken.set(token.key, [token, [end]]);
      else calls.push(end);
    }
    unchecked.clear();
    for (const [token, calls] of byToken.values()) void check(token, calls);
  };

  return {
    hold(origin, end) {
      held.set(end, origin);
      return () => void letGo(end);
    },
    checkAll: () => checkEach(held.keys()),
    checkUnchecked: () => checkEach(unchecked),
    cutExpired() {
      for (const [end, { expiresAt }] of held) if (expiresAt <= Date.now()) cut(end);
    },
  };
};
