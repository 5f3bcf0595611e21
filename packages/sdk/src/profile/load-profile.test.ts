import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Profile } from '@holdfast/contracts';
import { PROFILE_ALIASES, isHoldfastError } from '@holdfast/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadProfile } from './load-profile.ts';
import { mergeProfiles } from './merge-profiles.ts';

const SHIPPED = fileURLToPath(new URL('../../../../config/profiles', import.meta.url));
const FIXTURES = fileURLToPath(new URL('./fixtures', import.meta.url));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-profiles-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** A case is a text of sections `== NAME`: files, `load` (the name asked for), `expect` (code, then the message). */
const readCase = async (file: string): Promise<Map<string, string>> => {
  const text = await readFile(join(FIXTURES, file), 'utf8');
  const sections = text.split(/^== /m).slice(1);
  return new Map(
    sections.map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end), section.slice(end + 1)];
    }),
  );
};

const refusal = async (folder: string, name: string): Promise<string> => {
  try {
    await loadProfile(folder, name);
  } catch (error) {
    if (isHoldfastError(error)) return `${error.code}\n${error.message}\n`;
    throw error;
  }
  return 'loaded\n';
};

/** `*` in an expectation stands for the rest of its line. */
const asPattern = (expected: string): RegExp =>
  new RegExp(`^${expected.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^\\n]*')}$`);

const cases = (await readdir(FIXTURES)).filter((file) => file.endsWith('.txt'));

describe('loadProfile refuses', () => {
  it('has cases to go through', () => {
    expect(cases.length).toBeGreaterThanOrEqual(20);
  });

  it.each(cases)('%s', async (file) => {
    const sections = await readCase(file);
    const folder = await mkdtemp(join(directory, 'case-'));
    for (const [name, content] of sections) {
      if (name.endsWith('.yaml')) await writeFile(join(folder, name), content);
    }
    const wanted = sections.get('load')?.trim() ?? '';
    expect(await refusal(folder, wanted)).toMatch(asPattern(sections.get('expect') ?? ''));
  });

  it('a file over the size limit', async () => {
    const folder = await mkdtemp(join(directory, 'case-'));
    await writeFile(join(folder, 'kernel.user.yaml'), `name: user\n#${'x'.repeat(70_000)}\n`);
    expect(await refusal(folder, 'user')).toContain('kernel.user.yaml: file: over 65536 bytes');
  });

  it('a folder that is not there', async () => {
    expect(await refusal(join(directory, 'nowhere'), 'user')).toMatch(/^profile_unknown/);
  });
});

describe('the shipped profiles', () => {
  it.each(Object.entries(PROFILE_ALIASES))('%s loads as %s', async (alias, name) => {
    const profile = await loadProfile(SHIPPED, alias);
    expect(profile.name).toBe(name);
    expect(profile.inherits).toBeUndefined();
  });

  it('never shrink a limit from user to pro to enterprise-vip', async () => {
    const [user, pro, enterprise] = (await Promise.all(
      ['user', 'pro', 'enterprise-vip'].map((name) => loadProfile(SHIPPED, name)),
    )) as [Profile, Profile, Profile];
    const keys = Object.keys(user.limits) as (keyof Profile['limits'])[];
    expect(keys.length).toBeGreaterThanOrEqual(5);
    for (const key of keys) {
      expect(user.limits[key], key).toBeLessThanOrEqual(pro.limits[key]);
      expect(pro.limits[key], key).toBeLessThanOrEqual(enterprise.limits[key]);
    }
  });

  it('ask no approval of a user for low risk, and offer SEAL to enterprise-vip alone', async () => {
    const user = await loadProfile(SHIPPED, 'user');
    const pro = await loadProfile(SHIPPED, 'pro');
    const enterprise = await loadProfile(SHIPPED, 'enterprise');
    expect(user.gate.classes.standard.approval_from_risk).toBe('critical');
    expect([user, pro, enterprise].map((one) => one.features.seal)).toEqual([false, false, true]);
  });

  it('inherit what they leave out from the whole chain', async () => {
    const user = await loadProfile(SHIPPED, 'user');
    const enterprise = await loadProfile(SHIPPED, 'ent');
    expect(enterprise.infrastructure).toEqual(user.infrastructure);
    expect(enterprise.gate.change_ttl_s).toBe(
      (await loadProfile(SHIPPED, 'pro')).gate.change_ttl_s,
    );
  });
});

describe('mergeProfiles', () => {
  const leaf = fc.oneof(fc.integer(), fc.string(), fc.array(fc.integer(), { maxLength: 3 }));
  const mapping = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.oneof(leaf, fc.dictionary(fc.constantFrom('x', 'y'), leaf)),
  );

  it('keeps every value of the upper mapping and changes neither side', () => {
    fc.assert(
      fc.property(mapping, mapping, (under, over) => {
        const before = structuredClone([under, over]);
        const merged = mergeProfiles(under, over);
        expect([under, over]).toEqual(before);
        expect(merged).toMatchObject(over);
        for (const key of Object.keys(under))
          if (!(key in over)) expect(merged[key]).toEqual(under[key]);
      }),
    );
  });

  it('replaces lists and scalars as a whole', () => {
    expect(mergeProfiles({ a: [1, 2], b: { x: 1, y: 2 } }, { a: [3], b: { y: 3 } })).toEqual({
      a: [3],
      b: { x: 1, y: 3 },
    });
  });
});
