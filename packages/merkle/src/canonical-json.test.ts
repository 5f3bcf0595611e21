import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalize } from './canonical-json.ts';
import { MerkleError } from './errors.ts';

function fromBits(hex: string): number {
  return Buffer.from(hex, 'hex').readDoubleBE(0);
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof MerkleError) return error.code;
    throw error;
  }
  return 'none';
}

describe('canonicalize', () => {
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the double %s of RFC 8785 appendix B as %s', (bits, text) => {
    expect(canonicalize(fromBits(bits))).toBe(text);
  });

  it('writes the sample of RFC 8785 section 3.2.2', () => {
    const sample = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
        '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/",' +
        '"literals":[null,true,false]}',
    );
    expect(canonicalize(sample)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts keys by UTF-16 code unit as in RFC 8785 section 3.2.3', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    expect(canonicalize(Object.fromEntries(keys.map((key) => [key, 0])))).toBe(
      '{"\\r":0,"1":0,"\u0080":0,"\u00f6":0,"\u20ac":0,"\ud83d\ude00":0,"\ufb33":0}',
    );
  });

  it('escapes each code unit as ECMAScript does', () => {
    for (let unit = 0; unit <= 0xffff; unit++) {
      if (unit >= 0xd800 && unit <= 0xdfff) continue;
      const text = `a${String.fromCharCode(unit)}`;
      if (canonicalize(text) !== JSON.stringify(text)) expect.fail(`code unit ${unit}`);
    }
    expect(canonicalize('\ud83d\ude00')).toBe('"\ud83d\ude00"');
  });

  it('sorts number-like keys as text and keeps a key named __proto__', () => {
    expect(canonicalize({ 10: 1, 9: 2 })).toBe('{"10":1,"9":2}');
    expect(canonicalize(JSON.parse('{"b":1,"__proto__":{"x":1}}'))).toBe(
      '{"__proto__":{"x":1},"b":1}',
    );
  });

  it('writes the same text whatever the order of insertion, and reads back to the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalize(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalize(JSON.parse(text))).toBe(text);
        expect(canonicalize(reversed(value))).toBe(text);
      }),
    );
  });

  it('tells objects apart whose names only look alike, one after the other', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', '"', 'e\n', '\u20ac');
    const names = fc.uniqueArray(name, { minLength: 1 });
    fc.assert(
      fc.property(fc.array(names, { minLength: 20, maxLength: 40 }), (lists) => {
        for (const list of lists) {
          const sorted = list
            .toSorted()
            .map((key) => `${JSON.stringify(key)}:${list.indexOf(key)}`);
          const value = Object.fromEntries(list.map((key, at) => [key, at]));
          expect(canonicalize(value)).toBe(`{${sorted.join(',')}}`);
        }
      }),
    );
  });

  it('writes objects of very many names and of very long names', () => {
    const list = Array.from({ length: 500 }, (_, at) => `${'n'.repeat(200)}${999 - at}`);
    const value = Object.fromEntries(list.map((key) => [key, 1]));
    const sorted = list.toSorted().map((key) => `"${key}":1`);
    for (let again = 0; again < 2; again++)
      expect(canonicalize(value)).toBe(`{${sorted.join(',')}}`);
  });

  it.each<[string, unknown]>([
    ['NaN', Number.NaN],
    ['infinity', { a: [Infinity] }],
    ['undefined', undefined],
    ['an undefined property', { a: undefined }],
    ['an array hole', Object.assign([], { length: 1 })],
    ['bigint', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a lone high surrogate', 'a\ud800'],
    ['a lone low surrogate', '\udc00b'],
    ['a lone surrogate in a key', { '\ud800': 1 }],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['a Buffer', Buffer.of(1)],
    ['a class instance', new (class Thing {})()],
  ])('refuses %s', (_, value) => {
    expect(codeOf(() => canonicalize(value))).toBe('not_canonicalizable');
  });

  it('refuses a cycle instead of overflowing the stack', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(codeOf(() => canonicalize(cycle))).toBe('not_canonicalizable');
  });

  it('names the path of what it refuses', () => {
    expect(() => canonicalize({ steps: [{ at: 1 }, { at: Number.NaN }] })).toThrow(
      'canonical json: got NaN at /steps/1/at',
    );
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, inner] of Object.entries(value).reverse()) copy[key] = reversed(inner);
  return copy;
}
