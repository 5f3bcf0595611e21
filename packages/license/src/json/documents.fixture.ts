import fc from 'fast-check';

const digits = (maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength }).map((all) => all.join(''));

const integer = fc
  .tuple(fc.constantFrom('', '-'), fc.oneof(digits(20), digits(400)))
  .map(([sign, text]) => sign + (text.replace(/^0+/, '') || '0'));

const exponent = fc
  .tuple(fc.constantFrom('e', 'E', 'e+', 'e-', 'E+', 'E-'), fc.oneof(digits(2), digits(4)))
  .map((parts) => parts.join(''));

const fraction = fc.oneof(digits(3), digits(25)).map((text) => `.${text}`);

/** Every spelling of a number, and doubles of every size. */
const number = fc.oneof(
  integer,
  fc.tuple(integer, fraction, fc.constant('')).map((parts) => parts.join('')),
  fc.tuple(integer, fc.constant(''), exponent).map((parts) => parts.join('')),
  fc.tuple(integer, fraction, exponent).map((parts) => parts.join('')),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toExponential()),
  fc.constantFrom('NaN', 'Infinity', '-Infinity', '-0', '-0.0', '1e999', '5e-324', '1e16', '1e-5'),
);

const hex = (unit: number, upper: boolean) => {
  const text = unit.toString(16).padStart(4, '0');
  return `\\u${upper ? text.toUpperCase() : text}`;
};

/** Characters as they may stand between quotes: plain, escaped, and halves of pairs. */
const character = fc.oneof(
  fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }).map((text) => {
    const quoted = JSON.stringify(text).slice(1, -1);
    return quoted === '' ? 'x' : quoted;
  }),
  fc.tuple(fc.integer({ min: 0, max: 0xffff }), fc.boolean()).map((parts) => hex(...parts)),
  fc.tuple(fc.integer({ min: 0xd800, max: 0xdfff }), fc.boolean()).map((parts) => hex(...parts)),
  fc.constantFrom('\\ud83d\\ude00', '\\/', '\\b', '\\f', '\u2028', '\u007f', '\ue000', 'a', 'b'),
);

const string = fc.array(character, { maxLength: 5 }).map((all) => `"${all.join('')}"`);

const space = fc.constantFrom('', '', '', ' ', '\n', '\t\r ');

/** JSON texts as they may be written: any spacing, equal keys, every number. */
export const jsonDocument: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom('null', 'true', 'false', '""', '[]', '{}'),
    number,
    string,
    fc
      .array(fc.tuple(space, tie('value'), space), { maxLength: 5 })
      .map((all) => `[${all.map((parts) => parts.join('')).join(',')}]`),
    fc
      .array(fc.tuple(space, string, fc.constant(':'), space, tie('value'), space), {
        maxLength: 6,
      })
      .map((all) => `{${all.map((parts) => parts.join('')).join(',')}}`),
  ),
})).value;

/** The same with one character lost, doubled or put in: mostly not JSON any more. */
export const damagedDocument: fc.Arbitrary<string> = fc
  .tuple(
    jsonDocument,
    fc.nat(),
    fc.constantFrom('', '0', '-', '.', 'e', '"', '\\', ',', ':', ']', '}', '\u0001', '\ufeff', ' '),
  )
  .map(([text, place, put]) => {
    const units = [...text];
    const at = place % (units.length + 1);
    return [...units.slice(0, at), put, ...units.slice(at + (place % 2))].join('');
  });
