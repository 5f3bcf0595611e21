import { expect, test } from 'vitest';
import { readArguments } from './standalone-agent.ts';

test('the command line names the stack, a token file and a home', () => {
  const argv = ['--url', 'http://stack:8000', '--token-file', 't', '--home', '/srv/agent'];
  expect(readArguments(argv, {})).toEqual({
    url: 'http://stack:8000',
    home: '/srv/agent',
    tokenFile: 't',
  });
  expect(readArguments(['--url', 'http://stack'], { HOLDFAST_HOME: '/h' }).home).toBe('/h');
});

test.each([
  [[], '--url is missing'],
  [['--url', 'ftp://stack'], 'expected http or https'],
  [['--url', 'stack'], 'Invalid URL'],
  [['--url', 'http://stack', '--token', 'secret'], "Unknown option '--token'"],
])('the command line %j is refused', (argv, words) => {
  expect(() => readArguments(argv, {})).toThrow(words);
});
