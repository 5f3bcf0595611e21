import fc from 'fast-check';

const number = fc.constantFrom('0', '1', '1', '2', '10', '00', '01', '20240101123456789012');
const separator = fc.constantFrom('', '.', '-', '_');
const maybe = (part: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), fc.constant(''), part);
const joined = (...parts: fc.Arbitrary<string>[]) =>
  fc.tuple(...parts).map((texts) => texts.join(''));
const labelled = (...labels: string[]) =>
  joined(
    separator,
    fc.constantFrom(...labels),
    fc.constantFrom('', '.', '-'),
    fc.constantFrom('', '0', '1', '2'),
  );

const release = fc
  .array(number, { minLength: 1, maxLength: 3 })
  .map((parts: string[]) => parts.join('.'));
const local = fc
  .array(fc.constantFrom('1', '01', '10', 'abc', 'ABC', 'cu118', 'z'), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts: string[]) => `+${parts.join('.')}`);

/** PEP 440 versions in every spelling the standard accepts, close enough together to collide. */
export const pep440Version = joined(
  fc.constantFrom('', '', '', 'v'),
  fc.constantFrom('', '', '', '0!', '1!'),
  release,
  maybe(labelled('a', 'alpha', 'b', 'beta', 'c', 'rc', 'RC', 'pre', 'preview')),
  maybe(fc.oneof(labelled('post', 'rev', 'r'), fc.constant('-1'))),
  maybe(labelled('dev')),
  maybe(local),
);

const plain = release.map((text: string) => text.replace(/^0+(?=\d)/, ''));
const publicVersion = pep440Version.map((text: string) => text.split('+')[0] as string);
const clause = fc
  .oneof(
    fc.tuple(fc.constantFrom('==', '!='), pep440Version),
    fc.tuple(fc.constantFrom('==', '!='), plain, fc.constant('.*')),
    fc.tuple(fc.constantFrom('<=', '>=', '<', '>', '~='), publicVersion),
    fc.tuple(fc.constantFrom('<=', '~=', '>'), pep440Version, maybe(fc.constant('.*'))),
  )
  .map((parts: string[]) => parts.join(''));

/** Specifiers of one or two clauses; a few are not legal, which is part of the question. */
export const pep440Specifier = fc
  .array(clause, { minLength: 1, maxLength: 2 })
  .map((clauses: string[]) => clauses.join(','));

const debianText = fc.string({
  unit: fc.constantFrom('0', '1', '9', '.', '~', '+', 'a', 'Z', 'b'),
  maxLength: 6,
});

/** Debian versions built from the characters whose order is special. */
export const debianVersion = joined(
  fc.constantFrom('', '', '0:', '1:'),
  fc.constantFrom('0', '1', '2', '10', '007'),
  debianText,
  maybe(joined(fc.constant('-'), fc.constantFrom('0', '1', '1~bpo', '1+b1'), debianText)),
);
