import { createHash } from 'node:crypto';
import { tripwireSetSchema } from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';
import { describe, expect, it } from 'vitest';
import { containsAll } from './contains-all.ts';
import { RELEASED } from './history.ts';
import { PINNED_DIGEST, PINNED_VERSION } from './pinned.ts';
import { interdictionsInForce, tripwireSet } from './tripwire-set.ts';

describe('the set of hard rules', () => {
  it('is the one that its version was released with', () => {
    const { digest } = tripwireSet();
    const advice =
      `The hard rules are not those of version ${PINNED_VERSION}. If that is meant, give pinned.ts the next version ` +
      `and the digest ${digest}, and add a release to history.ts; nothing may be taken out.`;
    expect(digest, advice).toBe(PINNED_DIGEST);
  });

  it('is recorded with its version as the last release', () => {
    const last = RELEASED.at(-1);
    expect(last?.version).toBe(PINNED_VERSION);
    expect(last?.interdictions).toEqual(interdictionsInForce());
    expect(RELEASED.map(({ version }) => version)).toEqual(RELEASED.map((_, index) => index + 1));
  });

  it('forbids all that any released version did', () => {
    for (const { version, interdictions } of RELEASED)
      expect(containsAll(interdictionsInForce(), interdictions), `version ${version}`).toEqual([]);
  });

  it('can be checked by whoever is told it', () => {
    const set = tripwireSetSchema.parse(JSON.parse(JSON.stringify(tripwireSet())));
    const { rules, code } = set;
    const digest = createHash('sha256').update(canonicalize({ rules, code })).digest('hex');
    expect(digest).toBe(set.digest);
    expect(set.rules.map(({ id }) => id)).toEqual(
      Array.from({ length: 14 }, (_, index) => `T${index + 1}`),
    );
    expect(set.rules.every(({ level }) => level === 'hard')).toBe(true);
  });

  it('is not changed by changing what was told', () => {
    tripwireSet().rules.pop();
    tripwireSet().rules[0]!.interdictions.pop();
    expect(tripwireSet().digest).toBe(PINNED_DIGEST);
    expect(tripwireSet().rules[0]?.interdictions).toHaveLength(9);
  });
});

describe('comparing two deny sets', () => {
  it('names what the newer one lacks, and nothing where it only grew', () => {
    expect(containsAll(['a', 'b', 'c'], ['c', 'a'])).toEqual([]);
    expect(containsAll(['a'], ['b', 'a', 'c', 'b'])).toEqual(['b', 'c']);
    expect(containsAll([], [])).toEqual([]);
  });

  it('takes an interdiction that became advice for one that was dropped', () => {
    expect(containsAll(['T4/x (advisory)'], ['T4/x'])).toEqual(['T4/x']);
  });
});
