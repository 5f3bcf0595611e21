import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunTool } from '../run-tool.ts';
import type { ServiceSpec } from '../service-spec.ts';
import { createSystemdManager } from './systemd-manager.ts';

const templates = fileURLToPath(new URL('../../../../../deploy/systemd', import.meta.url));
const spec: ServiceSpec = {
  scope: 'user',
  profile: 'user',
  home: '/srv/h',
  node: '/usr/bin/node',
  program: '/opt/holdfast/bin/holdfast',
  environment: { HOLDFAST_HOME: '/srv/h' },
};

let units: string;
let calls: string[];
let state: { enabled: boolean; active: boolean };

/** Answers as `systemctl` does, by the properties that a manager keeps. */
const systemctl: RunTool = async (_file, args) => {
  const [verb, ...rest] = args.filter((arg) => arg !== '--user');
  if (verb !== 'show') calls.push([verb, ...rest].join(' '));
  if (verb === 'enable') state.enabled = true;
  if (verb === 'start' || verb === 'restart') state.active = true;
  if (verb === 'disable') state = { enabled: false, active: false };
  const stdout = [
    'LoadState=loaded',
    `UnitFileState=${state.enabled ? 'enabled' : 'disabled'}`,
    `ActiveState=${state.active ? 'active' : 'inactive'}`,
    `SubState=${state.active ? 'running' : 'dead'}`,
    `MainPID=${state.active ? 4711 : 0}`,
    'Result=success',
    'NRestarts=0',
  ].join('\n');
  return { code: 0, stdout, stderr: '' };
};

const managerOf = (run: RunTool = systemctl, bootedMark = units) =>
  createSystemdManager({ scope: 'user', env: {}, templates, run, units, bootedMark });
const file = (): string => join(units, 'holdfast.service');

beforeEach(() => {
  units = mkdtempSync(join(tmpdir(), 'holdfast-units-'));
  calls = [];
  state = { enabled: false, active: false };
});
afterEach(() => rmSync(units, { recursive: true, force: true }));

test('installs once, changes nothing the second time, and restarts for other settings', async () => {
  const manager = managerOf();
  expect(await manager.install(spec)).toEqual({ changed: true });
  expect(calls).toEqual(['daemon-reload', 'enable holdfast.service', 'restart holdfast.service']);
  calls = [];
  expect(await manager.install(spec)).toEqual({ changed: false });
  expect(calls).toEqual([]);
  expect(
    await manager.install({ ...spec, environment: { HOLDFAST_FIRST_PROFILE: 'pro' } }),
  ).toEqual({ changed: true });
  expect(calls).toEqual(['daemon-reload', 'restart holdfast.service']);
  expect(await manager.status()).toMatchObject({
    installed: true,
    ours: true,
    enabled: true,
    running: true,
    pid: 4711,
  });
});

test('removes what it installed, and says when there was nothing', async () => {
  const manager = managerOf();
  await manager.install(spec);
  expect(await manager.uninstall()).toEqual({ removed: true });
  expect(existsSync(file())).toBe(false);
  expect(await manager.uninstall()).toEqual({ removed: false });
});

test('leaves a unit of somebody else alone', async () => {
  writeFileSync(file(), '[Service]\nExecStart=/bin/true\n');
  const manager = managerOf();
  await expect(manager.install(spec)).rejects.toThrow('somebody else wrote it');
  await expect(manager.uninstall()).rejects.toThrow('somebody else wrote it');
  expect(readFileSync(file(), 'utf8')).toBe('[Service]\nExecStart=/bin/true\n');
  expect(calls).toEqual([]);
  expect(await manager.status()).toMatchObject({ installed: true, ours: false });
});

test('says that systemd is not there, and that nobody can tell what runs', async () => {
  const manager = managerOf(systemctl, join(units, 'not-booted'));
  expect(await manager.unavailable()).toContain('not-booted is missing');
  expect(await manager.status()).toMatchObject({ installed: false, enabled: null, running: null });
});

test('passes on why systemd refuses', async () => {
  const refusing: RunTool = async (path, args) =>
    args.includes('enable')
      ? { code: 1, stdout: '', stderr: 'Access denied' }
      : systemctl(path, args);
  await expect(managerOf(refusing).install(spec)).rejects.toThrow(
    'systemctl --user enable holdfast.service: Access denied',
  );
});
