import { describe, expect, it } from 'vitest';
import { explainError } from './explain-error.ts';
import { EXIT, MkError } from './mk-error.ts';

describe('what a user gets for an error', () => {
  it('is the message and the exit code that a command gave', () => {
    expect(explainError(new MkError('no', { exit: EXIT.failed }))).toEqual({ line: 'no', exit: 1 });
  });

  it('is one line whatever the message holds', () => {
    expect(explainError(new Error('a\n  b\r\nc')).line).toBe('unexpected failure: a b c');
    expect(explainError('thrown text').line).toBe('thrown text');
  });

  it('says in words what the file system said', () => {
    const error = Object.assign(new Error('ENOSPC: ...'), { code: 'ENOSPC', path: 'report/x' });
    expect(explainError(error)).toEqual({ line: 'report/x: no space is left', exit: 2 });
  });

  it('takes what is nested too deeply for bad input', () => {
    const dive = (): number => 1 + dive();
    let thrown: unknown;
    try {
      dive();
    } catch (error) {
      thrown = error;
    }
    expect(explainError(thrown)).toEqual({ line: 'what was given is nested too deeply', exit: 2 });
  });

  it('blames the input for an error of a package, and us for any other', () => {
    const input = Object.assign(new Error('bad plan'), { name: 'PlanError' });
    expect(explainError(input)).toEqual({ line: 'bad plan', exit: 2 });
    expect(explainError(new TypeError('oops')).exit).toBe(1);
  });
});
