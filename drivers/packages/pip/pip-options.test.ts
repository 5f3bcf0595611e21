import { describe, expect, it } from 'vitest';
import { optionLines } from './pip-options.ts';

describe('optionLines', () => {
  it('reads every way of writing an option into one line of a requirements file', () => {
    expect(optionLines(['--index-url https://host/simple', '--pre'])).toEqual([
      "--index-url 'https://host/simple'",
      '--pre',
    ]);
    expect(optionLines(['--extra-index-url=https://host/a?b=c'])).toEqual([
      "--extra-index-url 'https://host/a?b=c'",
    ]);
    expect(optionLines(['-f', '/a folder/wheels', '-i', 'https://host/'])).toEqual([
      "--find-links '/a folder/wheels'",
      "--index-url 'https://host/'",
    ]);
  });

  it.each([
    '--target=/tmp/x',
    '--target /tmp/x',
    '--python /usr/bin/python3',
    '-e .',
    '-r other.txt',
    '--report x',
    '--config-settings a=b',
    'https://host/simple',
    '',
    '--index-url',
    '--index-url --pre',
    "--index-url x' --pre",
    '--pre\n--target=/tmp/x',
    '--index-url x\n--target=/tmp/x',
    '--pre=1',
    '__proto__',
    '--constructor x',
  ])('refuses %j', (option) => {
    expect(() => optionLines([option])).toThrowError(
      expect.objectContaining({ code: 'invalid_input' }),
    );
  });

  it('keeps credentials out of its refusals', () => {
    const hostile = `--index-url https://user:hunter2@host/'x`;
    expect(() => optionLines([hostile])).toThrowError(/^(?!.*hunter2).*--index-url/);
  });
});
