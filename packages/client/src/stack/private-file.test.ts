import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configFolder, keyFile } from './config-folder.ts';
import { createPrivate, readPrivate, writePrivate } from './private-file.ts';
import type { StackPlace } from './stack-place.ts';

const URL_OF_STACK = 'http://127.0.0.1:8000';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-private-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const contextWith = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform = 'linux'): StackPlace => ({
  process: { env, platform },
  home: folder,
});
const context = (): StackPlace => contextWith({ HOLDFAST_CLI_DIR: folder });
const fileOf = (principal: string): string => keyFile(context(), URL_OF_STACK, principal);

describe('the folder of the command line', () => {
  it('is where it is told to be, or beside the settings of other programs', () => {
    expect(configFolder(contextWith({ HOLDFAST_CLI_DIR: '/a' }))).toBe('/a');
    expect(configFolder(contextWith({ XDG_CONFIG_HOME: '/b' }))).toBe('/b/holdfast');
    expect(configFolder(contextWith({ APPDATA: '/c' }, 'win32'))).toBe('/c/holdfast');
    expect(configFolder(contextWith({}))).toMatch(/\.config\/holdfast$/);
  });

  it('has a file of its own for every principal and stack, whatever their names', () => {
    const names = ['ann', 'oidc:0af3', 'a@b', 'deploy-bot', 'x+y'].map(fileOf);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names)
      expect(name).toMatch(/\/keys\/127\.0\.0\.1%3a8000\/[\w.%+-]+\.json$/i);
    expect(keyFile(context(), 'http://127.0.0.1:8001', 'ann')).not.toBe(fileOf('ann'));
  });
});

describe('private files', () => {
  it('can be read by their owner only, and are not used when others can', () => {
    const path = join(folder, 'deep', 'er', 'one.json');
    expect(readPrivate(path)).toBeUndefined();
    writePrivate(path, { a: 1 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700);
    writePrivate(path, { a: 2 });
    expect(readPrivate(path)).toEqual({ a: 2 });
    chmodSync(path, 0o640);
    expect(() => readPrivate(path)).toThrow(/others may read it/);
  });

  it('are created once and leave nothing beside them', () => {
    const path = join(folder, 'one.json');
    expect(createPrivate(path, 1)).toBe(true);
    expect(createPrivate(path, 2)).toBe(false);
    expect(readPrivate(path)).toBe(1);
    expect(readdirSync(folder)).toEqual(['one.json']);
  });

  it('say so when they are damaged', () => {
    const path = join(folder, 'one.json');
    writeFileSync(path, '{', { mode: 0o600 });
    expect(() => readPrivate(path)).toThrow(/not what was written/);
  });
});
