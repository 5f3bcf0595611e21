import { describe, expect, it } from 'vitest';
import { createTokenRecord, matchesTokenRecord } from './token-record.ts';

const OWNER = { id: 'owner', role: 'owner' } as const;

describe('a token record', () => {
  it('matches its token and no other', async () => {
    const record = await createTokenRecord('the-right-token-1', OWNER);
    expect(record).toMatchObject(OWNER);
    expect(JSON.stringify(record)).not.toContain('the-right');
    expect(await matchesTokenRecord('the-right-token-1', record)).toBe(true);
    expect(await matchesTokenRecord('the-right-token-2', record)).toBe(false);
    expect(await matchesTokenRecord('', record)).toBe(false);
  });

  it('is salted: two records of one token differ', async () => {
    const [a, b] = await Promise.all([
      createTokenRecord('same', OWNER),
      createTokenRecord('same', OWNER),
    ]);
    expect(a.hash).not.toBe(b.hash);
  });

  it('with a damaged hash matches nothing', async () => {
    const record = await createTokenRecord('the-right-token-1', OWNER);
    expect(await matchesTokenRecord('the-right-token-1', { ...record, hash: '' })).toBe(false);
    expect(
      await matchesTokenRecord('the-right-token-1', { ...record, hash: record.hash.slice(2) }),
    ).toBe(false);
  });
});
