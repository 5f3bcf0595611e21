import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activePath, plainConfig, writeActive } from './active-file.ts';
import { effectiveProfile } from './effective-profile.ts';
import { digestOf, settingsRevision } from './settings-revision.ts';
import { settleSettings } from './settle-settings.ts';

const SHIPPED = fileURLToPath(new URL('../../../../config/profiles', import.meta.url));

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'holdfast-settings-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const settle = (asked?: string, first?: string) => settleSettings(SHIPPED, home, asked, first);
const put = (profile: string, overrides: Record<string, unknown>) =>
  writeActive(home, {
    profile,
    overrides,
    revision: settingsRevision(profile, overrides),
    change: 'chg_1',
  });

describe('the settings with which a stack starts', () => {
  it('are those of the user profile where nothing was ever said', async () => {
    const settled = await settle();
    expect(settled).toMatchObject({ active: plainConfig('user'), changed: false, dropped: [] });
    expect(settled.profile.name).toBe('user');
  });

  it.each(['enterprise-vip', 'ent'])(
    'are those of the first profile, called %s, only until one is set',
    async (first) => {
      expect((await settle(undefined, first)).profile.name).toBe('enterprise-vip');
      expect((await settle('pro', first)).profile.name).toBe('pro');
      await put('pro', {});
      const settled = await settle(undefined, first);
      expect(settled).toMatchObject({ changed: false, active: { profile: 'pro' } });
    },
  );

  it('are those of the last change, of the profile that was last asked for', async () => {
    await put('pro', { limits: { rate_limit_rps: 77 } });
    for (const asked of [undefined, 'pro', 'professional']) {
      const settled = await settle(asked);
      expect(settled).toMatchObject({ changed: false, active: { change: 'chg_1' } });
      expect(settled.profile).toMatchObject({ name: 'pro', limits: { rate_limit_rps: 77 } });
    }
  });

  it('keep of another profile what this one lets be set, and name the rest', async () => {
    await put('pro', {
      limits: { rate_limit_rps: 77, max_hosts: 5 },
      logging: { level: 'debug' },
      librarian: { max_files: 5 },
    });
    const settled = await settle('user');
    expect(settled.changed).toBe(true);
    expect(settled.dropped).toEqual(['limits.max_hosts', 'librarian.max_files']);
    expect(settled.active).toEqual({
      profile: 'user',
      overrides: { limits: { rate_limit_rps: 77 }, logging: { level: 'debug' } },
      revision: settingsRevision('user', {
        limits: { rate_limit_rps: 77 },
        logging: { level: 'debug' },
      }),
      change: null,
    });
  });

  it('drop on a switch what fits no profile, as a key with a dot in it', async () => {
    await put('pro', { limits: { 'a.b': 1, rate_limit_rps: 'many' }, logging: { level: 'warn' } });
    const settled = await settle('user');
    expect(settled.dropped).toEqual(['limits.a.b', 'limits.rate_limit_rps']);
    expect(settled.profile.logging.level).toBe('warn');
  });

  it.each([
    ['half of it', async (path: string) => (await readFile(path, 'utf8')).slice(0, 30)],
    ['nothing', async () => ''],
    ['an edited value', async (path: string) => (await readFile(path, 'utf8')).replace('77', '78')],
    ['another shape', async () => '{"profile":"user"}'],
  ])('are refused, by the name of the file, when it holds %s', async (_, content) => {
    await put('user', { limits: { rate_limit_rps: 77 } });
    await writeFile(activePath(home), await content(activePath(home)));
    for (const asked of [undefined, 'pro'])
      await expect(settle(asked)).rejects.toMatchObject({
        code: 'config_invalid',
        message: expect.stringContaining('configs/active.json: '),
      });
  });

  it('are refused when they do not fit the profile that they were made for', async () => {
    await put('user', { limits: { no_such: 1 } });
    await expect(settle()).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('limits.no_such: unknown key'),
    });
  });

  it('are refused when the file cannot be read', async () => {
    await mkdir(dirname(activePath(home)));
    await mkdir(activePath(home));
    await expect(settle()).rejects.toMatchObject({
      message: expect.stringContaining('configs/active.json: reading it: EISDIR'),
    });
  });
});

describe('the effective profile', () => {
  it('names every key that is wrong, with what was expected', async () => {
    const call = effectiveProfile(SHIPPED, 'user', {
      limits: { rate_limit_rps: 'fast', nonsense: 1 },
      nowhere: true,
    });
    await expect(call).rejects.toMatchObject({
      code: 'config_patch_invalid',
      details: {
        path: 'limits.rate_limit_rps',
        problems: [
          'limits.rate_limit_rps: expected a number, got the text "fast"',
          'limits.nonsense: unknown key',
          'nowhere: unknown key',
        ],
      },
    });
  });

  it.each([
    ['kernels.governance.enabled', { kernels: { governance: { enabled: false } } }],
    ['kernels.message_bus.enabled', { kernels: { message_bus: { enabled: false } } }],
    ['security.bind_address', { security: { bind_address: '0.0.0.0' } }],
  ])('refuses %s, which could not be taken back', async (path, overrides) => {
    await expect(effectiveProfile(SHIPPED, 'enterprise-vip', overrides)).rejects.toMatchObject({
      code: 'config_patch_invalid',
      details: { path },
    });
  });
});

describe('a revision', () => {
  it('is the digest of the canonical JSON', () => {
    // printf '%s' '{"a":[{"b":1,"c":2}],"d":null}' | sha256sum
    const digest = '47ab5302a1115499e015b8e45f9f7f962f4c3f30d106b008403fc1bb9c028d2c';
    expect(digestOf({ d: null, a: [{ c: 2, b: 1 }] })).toBe(digest);
  });
});
