const MIN_LENGTH = 16;
const MIN_DISTINCT = 6;

const WELL_KNOWN = [
  'holdfast',
  'changeme',
  'changeit',
  'administrator',
  'admin',
  'password',
  'passwd',
  'secret',
  'default',
  'example',
  'letmein',
  'welcome',
  'qwerty',
  'token',
  'owner',
  'test',
  'root',
  'user',
  'pass',
  'please',
  'now',
  'my',
  'the',
];

/** What is left of a token when every well-known word is taken out, and digits beside them. */
const withoutWords = (token: string): string => {
  const plain = token.toLowerCase().replace(/[^a-z0-9]/g, '');
  const rest = WELL_KNOWN.reduce((text, word) => text.replaceAll(word, ''), plain);
  return rest === plain ? plain : rest.replace(/\d/g, '');
};

const isRun = (token: string): boolean => {
  const steps = [...token].slice(1).map((char, i) => char.charCodeAt(0) - token.charCodeAt(i));
  return steps.filter((step) => step === 1 || step === 0 || step === -9).length >= steps.length - 1;
};

/** Why a token is too weak to own a stack, in words without the token; undefined when it will do. */
export const tokenWeakness = (token: string): string | undefined => {
  if (token === '') return 'it is empty; unset it to have one made';
  if (!/^[\x21-\x7e]+$/.test(token)) return 'expected visible ASCII characters without blanks';
  if (token.length < MIN_LENGTH) {
    return `expected at least ${MIN_LENGTH} characters, got ${token.length}`;
  }
  if (/^change[-_ ]?me/i.test(token) || withoutWords(token).length < 4) {
    return 'it is a well-known value';
  }
  if (new Set(token).size < MIN_DISTINCT || isRun(token)) return 'it is too easy to guess';
  return undefined;
};
