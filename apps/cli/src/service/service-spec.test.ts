import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import type { CliContext } from '../context.ts';
import { foregroundCommand } from './foreground-command.ts';
import { leftOut, pickScope, readServiceSpec, type InstallFlags } from './service-spec.ts';

const root = new URL('../../../../', import.meta.url);

const contextOf = (
  env: NodeJS.ProcessEnv,
  uid = 1000,
  platform: NodeJS.Platform = 'linux',
): CliContext => ({
  process: { env, platform, execPath: '/opt/no de/bin/node', getuid: () => uid } as NodeJS.Process,
  home: '/srv/hold fast',
  dist: new URL('dist/', root),
});
const read = (flags: Partial<InstallFlags>, env: NodeJS.ProcessEnv = {}, uid = 1000) =>
  readServiceSpec(contextOf(env, uid), { profile: 'user', ...flags });

test('takes the program of this build, this node and the home of this shell', () => {
  const spec = read({});
  expect(existsSync(pathToFileURL(spec.program))).toBe(true);
  expect(spec).toMatchObject({
    scope: 'user',
    node: '/opt/no de/bin/node',
    home: '/srv/hold fast',
    environment: { HOLDFAST_HOME: '/srv/hold fast', HOLDFAST_FIRST_PROFILE: 'user' },
  });
  expect(spec.environment['PATH']).toMatch(/^\/opt\/no de\/bin:/);
});

test('writes settings that are no secrets, and never one that may be', () => {
  const env = {
    HOLDFAST_PORT_OFFSET: '500',
    ADMIN_TOKEN: 'sesame-sesame',
    HOLDFAST_DATABASE_URL: 'postgres://u:sesame@h/d',
    PATH: '/somewhere',
    OTHER: 'sesame',
  };
  const spec = read({}, env);
  expect(spec.environment['HOLDFAST_PORT_OFFSET']).toBe('500');
  expect(JSON.stringify(spec)).not.toContain('sesame');
  expect(leftOut(env)).toEqual(['ADMIN_TOKEN', 'HOLDFAST_DATABASE_URL']);
});

test('profiles may be called by their other names', () => {
  expect(read({ profile: 'ent' }).profile).toBe('enterprise-vip');
  expect(() => read({ profile: 'bogus' })).toThrow('expected one of user, pro');
  expect(() => read({ profile: 'toString' })).toThrow('expected one of');
});

test('root gets a service of the machine, everybody else one of their own', () => {
  expect(pickScope({}, 'linux', 0)).toBe('system');
  expect(pickScope({}, 'linux', 1000)).toBe('user');
  expect(pickScope({ user: true }, 'linux', 0)).toBe('user');
  expect(pickScope({ system: true }, 'darwin', 501)).toBe('system');
  expect(pickScope({}, 'win32', undefined)).toBe('system');
  expect(() => pickScope({ user: true }, 'win32', undefined)).toThrow('belongs to the machine');
  expect(() => pickScope({ user: true, system: true }, 'linux', 0)).toThrow('exclude');
});

test('another account needs a home of its own and a service of the machine', () => {
  expect(read({ runAs: 'svc', home: '/srv/h' }, {}, 0).runAs).toBe('svc');
  expect(() => read({ runAs: 'svc' }, {}, 0)).toThrow('--home');
  expect(() => read({ runAs: 'svc', home: '/srv/h' })).toThrow('service of the machine');
  expect(() => read({ runAs: 'a\nUser=root', home: '/srv/h' }, {}, 0)).toThrow('not an account');
});

test('refuses text that no file of a service manager carries unharmed', () => {
  expect(() => read({ home: '/a\nExecStartPre=/bin/false' })).toThrow('control character');
  expect(() => read({ home: '/a\ud800' })).toThrow('half a character');
});

test('the command to use instead can be pasted into a shell', () => {
  expect(
    foregroundCommand({ ...read({ home: "/it's here" }), program: '/opt/hf/bin/holdfast' }),
  ).toBe(`HOLDFAST_HOME='/it'\\''s here' HOLDFAST_FIRST_PROFILE=user /opt/hf/bin/holdfast up`);
});
