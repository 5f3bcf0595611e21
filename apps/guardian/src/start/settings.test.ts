import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';

const read = (env: Record<string, string>) => readSettings(env, '/opt/holdfast/dist', false);

describe('readSettings', () => {
  it('has a default for everything', () => {
    expect(read({ HOME: '/nowhere' })).toMatchObject({
      portOffset: 0,
      killSwitch: false,
      profile: undefined,
      profilesDir: '/opt/holdfast/config/profiles',
      adminToken: undefined,
      databaseUrl: undefined,
      foreground: false,
    });
  });

  it.each([
    ['1', true],
    ['true', true],
    ['on', true],
    ['yse', true],
    ['0', false],
    ['No', false],
    ['', false],
  ])('takes the kill switch %j as %s: only a clear no is a no', (value, on) => {
    expect(read({ HOLDFAST_KILL_SWITCH: value }).killSwitch).toBe(on);
  });

  it('takes the profile by either name, the longer one first', () => {
    expect(read({ PROFILE: 'pro' }).profile).toBe('pro');
    expect(read({ PROFILE: 'pro', HOLDFAST_PROFILE: 'ent' }).profile).toBe('ent');
    expect(read({ PROFILE: '', HOLDFAST_PROFILE: '' }).profile).toBeUndefined();
  });

  it.each(['x', '1.5', '99999', '-8000', ' 1'])('refuses the port offset %j', (offset) => {
    expect(() => read({ HOLDFAST_PORT_OFFSET: offset })).toThrow(
      expect.objectContaining({ code: 'config_invalid' }),
    );
  });

  it('keeps an empty ADMIN_TOKEN, which is refused later, apart from none', () => {
    expect(read({ ADMIN_TOKEN: '' }).adminToken).toBe('');
  });
});
