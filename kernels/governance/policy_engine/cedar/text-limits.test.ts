import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryPolicyText } from '../test-support/arbitrary-policies.ts';
import { readShippedPolicies } from '../sets/shipped-policies.ts';
import { checkFiles } from './check-files.ts';
import { loadCedar } from './load-cedar.ts';
import { MAX_BRACKETS, MAX_HEIGHT, textExcess } from './text-limits.ts';

const when = (condition: string) => `permit (principal, action, resource) when { ${condition} };`;
const within = (open: string, inner: string, close: string, times: number) =>
  when(open.repeat(times) + inner + close.repeat(times));
const chain = (operator: string, times: number) =>
  when(Array.from({ length: times }, () => 'resource').join(operator));

/** The largest that may pass, by how often something is repeated. */
const largest = (make: (times: number) => string): string => {
  let times = 1;
  while (textExcess(make(times + 1)) === undefined) times += 1;
  return make(times);
};

describe('a text that the parser may see', () => {
  it('has what people write', async () => {
    const all = await readShippedPolicies('enterprise-vip');
    expect(all.map(({ text }) => textExcess(text)).filter(Boolean)).toEqual([]);
    const names = Array.from({ length: 2_000 }, (_, at) => `Author::"a${at}"`).join(', ');
    expect(textExcess(when(`[${names}].contains(principal)`))).toBeUndefined();
    const either = Array.from({ length: 40 }, (_, at) => `resource.target == "${at}"`);
    expect(textExcess(when(either.join(' || ')))).toBeUndefined();
    fc.assert(
      fc.property(arbitraryPolicyText(10), (text) => {
        expect(textExcess(text)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['parentheses', within('(', 'true', ')', 500)],
    ['sets', within('[', '1', ']', 500)],
    ['records', within('{a:', '1', '}', 500)],
    ['calls', within('decimal(', '"1.0"', ')', 500)],
    ['unclosed brackets', when('('.repeat(500))],
    ['one bracket too many', within('(', 'true', ')', MAX_BRACKETS)],
    ['conditions in conditions', within('if true then ', 'true', ' else false', 200)],
    ['a chain of &&', chain(' && ', 500)],
    ['a chain of ||', chain('||', 500)],
    ['a chain of +', chain(' + ', 500)],
    ['a chain of attributes', when(`resource${'.a'.repeat(500)}`)],
    ['many clauses', `permit (principal, action, resource) ${'when { true } '.repeat(500)};`],
    ['one operator too many', chain(' + ', MAX_HEIGHT)],
    ['brackets and chains together', within('(1 + 1 + 1 + ', '1', ')', MAX_BRACKETS - 1)],
    ['brackets after a comment that ends with a return', `// \r${within('(', 'true', ')', 500)}`],
    ['brackets after a text with a quote', within('"\\"" == (', 'true', ')', 500)],
    ['brackets in a later statement', `${when('true')}\n${within('(', 'true', ')', 500)}`],
  ])('has not too many %s', (_what, text) => {
    expect(textExcess(text)).toMatch(/^line [12]: a statement has more than/);
  });

  it.each<[string, (times: number) => string]>([
    ['parentheses', (n) => within('(', 'resource.undo', ')', n)],
    ['sets', (n) => within('[', '1', ']', n)],
    ['records', (n) => within('{a:', '1', '}', n)],
    ['negations', (n) => within('!(', 'resource.undo', ')', n)],
    ['conditions', (n) => within('if resource.undo then ', 'true', ' else false', n)],
    ['a chain of ||', (n) => chain('.undo || ', n)],
    ['a chain of +', (n) => chain('.steps + ', n)],
    ['attributes', (n) => when(`resource${'.a'.repeat(n)}`)],
    ['calls', (n) => when(`["a"]${'.contains("b")'.repeat(n)}`)],
    ['chains in brackets', (n) => within('(1 + ', '1', ')', n)],
    ['records in sets in a chain', (n) => within('1 == [{a:', '1', '}]', n)],
  ])('does not bring the parser down with as many %s as there may be', async (_what, make) => {
    const cedar = await loadCedar();
    const before = cedar.generation();
    for (let times = 0; times < 20; times += 1)
      await checkFiles(cedar, [{ name: 'a.cedar', text: largest(make) }]);
    expect(cedar.generation()).toBe(before);
  });

  it('is read once, even where quotes never close', () => {
    const quotes = `"${'\\"'.repeat(250_000)}`;
    expect(textExcess(quotes)).toMatch(/^line 1: /);
    expect(textExcess(`"\\"${within('(', 'true', ')', 500)}`)).toMatch(/^line 1: /);
  });

  it('may hold anything in its texts and comments', () => {
    const brackets = '('.repeat(500);
    expect(textExcess(`// ${brackets}\n${when(`resource.id == "${brackets}"`)}`)).toBeUndefined();
    expect(textExcess(when(`resource.id == "\\"${brackets}\\\\"`))).toBeUndefined();
  });
});
