import { readFileSync } from 'node:fs';
import { CliError, EXIT } from './cli-error.ts';

type Json = Record<string, unknown>;

const usage = (message: string): CliError =>
  new CliError(message, {
    exit: EXIT.usage,
    next: '`bin/holdfast config propose limits.rate_limit_rps=80` is an example',
  });

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parseObject = (text: string, where: string): Json => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw usage(`reading ${where}: not valid JSON: ${(cause as Error).message}`);
  }
  if (isJson(value)) return value;
  throw usage(`reading ${where}: expected a JSON object`);
};

const readFile = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw usage(`reading ${path}: ${(cause as NodeJS.ErrnoException).code}`);
  }
};

/** A value as JSON where it is that, else as the text that it is. */
const parseValue = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

const setAt = (into: Json, path: readonly string[], value: unknown, word: string): Json => {
  const [key, ...rest] = path as [string, ...string[]];
  if (key === '') throw usage(`${word}: expected KEY=VALUE with a dotted key`);
  const below = Object.hasOwn(into, key) ? into[key] : undefined;
  if (rest.length === 0 ? below !== undefined : below !== undefined && !isJson(below))
    throw usage(`${word}: that key is given twice`);
  const inner = rest.length === 0 ? value : setAt(isJson(below) ? below : {}, rest, value, word);
  return Object.fromEntries([...Object.entries(into), [key, inner]]);
};

/** The patch that words of a command line say: one JSON object, `@FILE` with one, or `KEY=VALUE` words. Throws usage errors. */
export const parsePatch = (words: readonly string[]): Json => {
  const [first = ''] = words;
  if (words.length === 1 && first.startsWith('@'))
    return parseObject(readFile(first.slice(1)), first.slice(1));
  if (words.length === 1 && first.trimStart().startsWith('{'))
    return parseObject(first, 'the patch');
  return words.reduce<Json>((patch, word) => {
    const at = word.indexOf('=');
    if (at <= 0) throw usage(`${word}: expected KEY=VALUE`);
    return setAt(patch, word.slice(0, at).split('.'), parseValue(word.slice(at + 1)), word);
  }, {});
};
