import { describe, expect, it } from 'vitest';
import { parseRequirementsTxt } from './requirements-txt.ts';

const parse = (files: Record<string, string>) =>
  parseRequirementsTxt({ files, entry: 'requirements.txt' });

describe('pins of one package', () => {
  it('to two versions are refused with the places of both, across files too', () => {
    const files = {
      'requirements.txt': '-c bounds.txt\nSix==1.15.0\n',
      'bounds.txt': '# bounds\nsix==1.16.0\n',
    };
    expect(() => parse(files)).toThrow(
      expect.objectContaining({
        code: 'conflicting_pins',
        message: expect.stringMatching(/requirements\.txt:2: .* and bounds\.txt:2: /),
      }),
    );
  });

  it('to one version in two spellings, or under different markers, are accepted', () => {
    const lines = [
      'six==1.16',
      'six==1.16.0',
      'idna==3.4; os_name == "nt"',
      'idna==3.7; os_name == "posix"',
    ];
    expect(parse({ 'requirements.txt': lines.join('\n') }).requirements).toHaveLength(4);
  });
});

it('more lines than any real manifest has are refused, in included files too', () => {
  const text = 'six\n'.repeat(10_000);
  const files = { 'requirements.txt': `-r more.txt\n${text}`, 'more.txt': text };
  expect(() => parse(files)).toThrow(expect.objectContaining({ code: 'too_many_requirements' }));
  expect(parse({ 'requirements.txt': text }).requirements).toHaveLength(10_000);
});

it('a run of backslashes inside a line that is continued takes no longer than another line', () => {
  const text = `six==1.16.0 # x${'\\'.repeat(1_000_000)}x\\\n`;
  expect(parse({ 'requirements.txt': text }).requirements).toMatchObject([{ name: 'six' }]);
});
