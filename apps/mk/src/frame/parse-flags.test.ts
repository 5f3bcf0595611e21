import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flagTable } from './flag-spec.ts';
import { parseFlags } from './parse-flags.ts';

const TABLE = flagTable({
  out: { kind: 'text', placeholder: 'DIR', default: 'report', brief: '' },
  plan: { kind: 'text', placeholder: 'FILE', required: true, brief: '' },
  mode: { kind: 'choice', choices: ['a', 'b'], default: 'a', brief: '' },
  count: { kind: 'number', whole: true, min: 1, max: 9, brief: '' },
  wait: { kind: 'duration', default: '1.5s', brief: '' },
  context: { kind: 'list', placeholder: 'NAME', brief: '' },
  apply: { kind: 'switch', brief: '' },
});

const parse = (...args: string[]) => parseFlags(args, TABLE);

describe('flags', () => {
  it('have the values of their table where they are not given', () => {
    expect(parse('--plan', 'p')).toEqual({
      out: 'report',
      plan: 'p',
      mode: 'a',
      count: undefined,
      wait: 1500,
      context: [],
      apply: false,
    });
  });

  it('take their value as the next word or behind an equals sign', () => {
    expect(parse('--plan=a=b', '--count', '3', '--wait=250ms', '--apply')).toMatchObject({
      plan: 'a=b',
      count: 3,
      wait: 250,
      apply: true,
    });
  });

  it('gather what may be given several times', () => {
    expect(parse('--plan', 'p', '--context', 'x', '--context', 'y')).toMatchObject({
      context: ['x', 'y'],
    });
  });

  it.each([
    [[], '--plan is required'],
    [['--plan', 'p', '--plan', 'q'], '--plan is given twice'],
    [['--plan'], '--plan needs a value'],
    [['--plan', '--apply'], '--plan needs a value'],
    [['--plan='], '--plan: must not be empty'],
    [['--plan', 'p', '--nope'], 'unknown flag: --nope'],
    [['--plan', 'p', '--constructor', 'x'], 'unknown flag: --constructor'],
    [['--plan', 'p', '--apply=1'], '--apply takes no value'],
    [['--plan', 'p', '--mode', 'c'], '--mode c: expected one of a, b'],
    [['--plan', 'p', '--count', '0'], '--count 0: expected a whole number, at least 1, at most 9'],
    [
      ['--plan', 'p', '--count', '1.5'],
      '--count 1.5: expected a whole number, at least 1, at most 9',
    ],
    [['--plan', 'p', '--wait', ''], "invalid duration: '' (use e.g. 1.5s or 250ms)"],
    [['stray'], 'unexpected argument: stray'],
    [['--'], 'unexpected argument: --'],
  ])('refuse %j', (args, message) => {
    expect(() => parseFlags(args, TABLE)).toThrow(message);
  });

  it('refuse whatever they do not take with one kind of error', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (args) => {
        try {
          parseFlags(args, TABLE);
        } catch (error) {
          expect(['MkError', 'InputError']).toContain((error as Error).name);
        }
      }),
    );
  });
});
