import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunTool } from '../run-tool.ts';
import type { ServiceSpec } from '../service-spec.ts';
import { createLaunchdManager } from './launchd-manager.ts';

const templates = fileURLToPath(new URL('../../../../../deploy/launchd', import.meta.url));
const spec: ServiceSpec = {
  scope: 'user',
  profile: 'user',
  home: '/srv/h',
  node: '/usr/local/bin/node',
  program: '/opt/holdfast/bin/holdfast',
  environment: { HOLDFAST_HOME: '/srv/h' },
};
const TARGET = 'gui/501/holdfast.stack';

let plists: string;
let calls: string[];
let loaded: boolean;

/** Answers in the words of launchctl(1). */
const launchctl: RunTool = async (_file, args) => {
  const line = args.join(' ');
  if (!/^print/.test(line)) calls.push(line);
  if (line.startsWith('bootstrap')) loaded = true;
  if (line.startsWith('bootout')) loaded = false;
  if (line === `print ${TARGET}`)
    return loaded
      ? { code: 0, stdout: '\tstate = running\n\tpid = 812\n\tlast exit code = 0\n', stderr: '' }
      : { code: 113, stdout: '', stderr: 'Could not find service' };
  return { code: 0, stdout: '', stderr: '' };
};

const managerOf = (program = plists) =>
  createLaunchdManager({
    scope: 'user',
    uid: 501,
    templates,
    run: launchctl,
    launchctl: program,
    plists,
  });
const file = (): string => join(plists, 'holdfast.stack.plist');

beforeEach(() => {
  plists = mkdtempSync(join(tmpdir(), 'holdfast-plists-'));
  calls = [];
  loaded = false;
});
afterEach(() => rmSync(plists, { recursive: true, force: true }));

test('loads the job once, and again only for other settings', async () => {
  const manager = managerOf();
  expect(await manager.install(spec)).toEqual({ changed: true });
  expect(calls).toEqual([`enable ${TARGET}`, `bootstrap gui/501 ${file()}`]);
  calls = [];
  expect(await manager.install(spec)).toEqual({ changed: false });
  expect(calls).toEqual([]);
  await manager.install({ ...spec, environment: { HOLDFAST_FIRST_PROFILE: 'pro' } });
  expect(calls[0]).toBe(`bootout ${TARGET}`);
  expect(await manager.status()).toMatchObject({ running: true, pid: 812, ours: true });
});

test('unloads and removes what it installed, and nothing of others', async () => {
  const manager = managerOf();
  await manager.install(spec);
  expect(await manager.uninstall()).toEqual({ removed: true });
  expect(existsSync(file())).toBe(false);
  expect(await manager.status()).toMatchObject({ installed: false, running: false });
  writeFileSync(file(), '<plist/>');
  await expect(manager.uninstall()).rejects.toThrow('somebody else wrote it');
});

test('says that launchd is not there', async () => {
  expect(await managerOf(join(plists, 'launchctl')).unavailable()).toContain('is missing');
});
