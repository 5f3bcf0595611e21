import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../table/commands.ts';
import { findCommand } from './find-command.ts';

describe('the table of commands', () => {
  it('names each command once', () => {
    const paths = COMMANDS.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths.length).toBeGreaterThanOrEqual(20);
  });

  it.each(COMMANDS.map(({ path }) => path))('loads the code of %s', async (path) => {
    const found = findCommand(path.split(' '), COMMANDS);
    expect(found.kind === 'command' && (await found.command.load())).toBeTypeOf('function');
  });

  it.each(COMMANDS)('describes every flag of $path', ({ flags, brief }) => {
    expect(brief).not.toBe('');
    for (const flag of Object.values(flags)) expect(flag.brief).not.toBe('');
  });
});

describe('finding a command', () => {
  it('takes the leading words, and leaves the rest', () => {
    expect(findCommand(['k8s', 'apply', '--plan', 'k8s'], COMMANDS)).toMatchObject({
      kind: 'command',
      command: { path: 'k8s apply' },
      rest: ['--plan', 'k8s'],
    });
  });

  it('shows a group whose help is asked for', () => {
    const found = findCommand(['k8s', '--help'], COMMANDS);
    expect(
      found.kind === 'group' && found.commands.every(({ path }) => path.startsWith('k8s ')),
    ).toBe(true);
  });

  it.each([
    [['nope'], 'unknown command: nope'],
    [['k8s', 'nope'], 'unknown command: k8s nope'],
    [['k8s'], 'a command is missing after: mk k8s (see --help)'],
    [['--nope'], 'unknown flag: --nope'],
    [[], 'a command is missing after: mk (see --help)'],
  ])('refuses %j', (args, message) => {
    expect(() => findCommand(args, COMMANDS)).toThrow(message);
  });
});
