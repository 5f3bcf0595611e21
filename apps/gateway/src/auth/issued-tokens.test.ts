import { afterEach, describe, expect, it } from 'vitest';
import type { Principal } from '@holdfast/contracts';
import type { Introspected } from './governance-line.ts';
import { SURE_MS } from './identity-follower.ts';
import { createIssuedTokens, type IssuedTokens } from './issued-tokens.ts';

const ann: Principal = { id: 'ann', kind: 'human', role: 'viewer' };
const token = { id: 'abcdefgh', secret: 's', key: 'key' };
const FROM = '192.0.2.1';

let issued: IssuedTokens;
afterEach(() => issued.close());

/** Governance as a test says, under a clock of its own. */
const start = (introspect: () => Promise<Introspected | undefined>, share = 1) => {
  const time = { now: 0 };
  const answers: ((revision: number | Error) => void)[] = [];
  const questions: (() => void)[] = [];
  issued = createIssuedTokens({
    line: {
      introspect,
      revision: () =>
        new Promise((resolve, reject) => {
          answers.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
          questions.shift()?.();
        }),
    },
    secret: 'secret',
    share,
    now: () => time.now,
  });
  const asked = async (): Promise<(revision: number | Error) => void> => {
    if (answers.length === 0) await new Promise<void>((resolve) => questions.push(resolve));
    return answers.shift()!;
  };
  return { time, asked };
};
const valid = async (): Promise<Introspected> => ({
  principal: ann,
  expiresAt: Date.now() + 60_000,
});

describe('createIssuedTokens', () => {
  it('believes what it remembers for half a minute after governance was last heard of', async () => {
    const { time, asked } = start(valid);
    await issued.ask(token, FROM);
    expect(issued.known(token.key)).toBeUndefined();
    (await asked())(7);
    const second = await asked();
    await issued.ask(token, FROM);
    expect(issued.known(token.key)?.principal).toEqual(ann);
    time.now = SURE_MS - 1;
    expect(issued.known(token.key)?.principal).toEqual(ann);
    time.now = SURE_MS;
    expect(issued.known(token.key)).toBeUndefined();
    second(7);
    await asked();
    expect(issued.known(token.key)?.principal).toEqual(ann);
  });

  it('forgets everything when the revision is another one, also a lower one', async () => {
    const { asked } = start(valid);
    await issued.ask(token, FROM);
    for (const revision of [7, 8, 3]) {
      (await asked())(revision);
      const next = await asked();
      expect(issued.known(token.key)).toBeUndefined();
      await issued.ask(token, FROM);
      expect(issued.known(token.key)?.principal).toEqual(ann);
      next(new Error('it is gone'));
    }
  });

  it('asks for so many unknown tokens of one address, its part of them where processes share', async () => {
    start(async () => undefined, 2);
    const tries = Array.from({ length: 40 }, (_, index) =>
      issued.ask({ ...token, key: `wrong ${index}` }, FROM),
    );
    expect(tries.filter((one) => one !== undefined)).toHaveLength(15);
    for (const one of tries) await expect(one ?? Promise.reject(new Error())).rejects.toThrow();
    await expect(issued.ask(token, '192.0.2.2')).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('tells nobody in when governance fails', async () => {
    start(() => Promise.reject(new Error('broken')));
    await expect(issued.ask(token, FROM)).rejects.toMatchObject({ code: 'kernel_unavailable' });
    expect(issued.known(token.key)).toBeUndefined();
  });

  it('asks again for a token whose calls go on until somebody can tell, and cuts them then', async () => {
    let answer: (() => Promise<Introspected | undefined>) | undefined;
    let heard = (): void => {};
    const { asked } = start(() => {
      heard();
      return (answer ?? valid)();
    });
    const introspected = (): Promise<void> => new Promise((resolve) => (heard = resolve));
    await issued.ask(token, FROM);
    (await asked())(7);
    const next = await asked();
    const identity = await issued.ask(token, FROM)!;
    let cuts = 0;
    const wasCut = new Promise<void>((resolve) => {
      issued.hold(identity, () => {
        cuts += 1;
        resolve();
      });
    });
    const letGo = issued.hold(identity, () => expect.unreachable('it had ended by itself'));

    answer = () => Promise.reject(new Error('governance was killed'));
    let looked = introspected();
    next(8);
    await looked;
    looked = introspected();
    (await asked())(8);
    await looked;
    expect(cuts).toBe(0);
    letGo();
    answer = async () => undefined;
    (await asked())(8);
    await wasCut;
    expect(cuts).toBe(1);
  });

  it('asks no more for a call whose token was found to be good', async () => {
    let questions = 0;
    const { asked } = start(() => {
      questions += 1;
      return valid();
    });
    await issued.ask(token, FROM);
    (await asked())(7);
    const next = await asked();
    issued.hold(await issued.ask(token, FROM)!, () => expect.unreachable('the token is good'));
    next(8);
    (await asked())(8);
    (await asked())(8);
    await asked();
    expect(questions).toBe(3);
  });

  it('forgets the oldest token when there are too many', async () => {
    const { asked } = start(valid, 0.0001);
    await issued.ask(token, FROM);
    (await asked())(1);
    await asked();
    await issued.ask(token, FROM);
    for (let turn = 0; turn < 10_000; turn += 1)
      await issued.ask({ ...token, key: `other ${turn}` }, FROM);
    expect(issued.known(token.key)).toBeUndefined();
    expect(issued.known('other 0')?.principal).toEqual(ann);
  });
});
