import { squeeze } from './plain-text.ts';

/** One member of an object somewhere in what was looked through. `key` is its name as `squeeze` writes it. */
export interface Member {
  readonly where: string;
  readonly key: string;
  readonly name: string;
  readonly value: unknown;
  readonly owner: object;
}

export interface Text {
  readonly where: string;
  readonly key: string;
  readonly text: string;
}

/** Everything that was found. `unseen` says why a part of it was not: then nothing can be ruled out. */
export interface Look {
  readonly all: readonly Member[];
  readonly texts: readonly Text[];
  readonly unseen: string | undefined;
  /** Members by squeezed name, wherever they are. */
  named(...keys: readonly string[]): readonly Member[];
}

export const LOOK_DEPTH = 64;
export const LOOK_VALUES = 400_000;
export const LOOK_CHARACTERS = 32 * 1024 * 1024;
/** Longer paths are cut. */
const SHOWN = 300;

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

const nestedJson = (text: string): unknown => {
  if (!/^\s*["[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

class TooMuch extends Error {}

/**
 * Looks through values, also through JSON inside texts, down to a bounded depth and size. What is beyond the bounds or
 * is no JSON (an instance of a class, a function) makes the result `unseen`.
 */
export const lookThrough = (roots: Readonly<Record<string, unknown>>): Look => {
  const all: Member[] = [];
  const texts: Text[] = [];
  const byKey = new Map<string, Member[]>();
  let values = 0;
  let characters = 0;

  const addMember = (member: Member): void => {
    all.push(member);
    const same = byKey.get(member.key);
    if (same === undefined) byKey.set(member.key, [member]);
    else same.push(member);
  };

  const count = (where: string, depth: number, length: number): void => {
    values += 1;
    characters += length;
    if (depth > LOOK_DEPTH)
      throw new TooMuch(`${where} is nested deeper than ${LOOK_DEPTH} levels`);
    if (values > LOOK_VALUES) throw new TooMuch(`it holds more than ${LOOK_VALUES} values`);
    if (characters > LOOK_CHARACTERS)
      throw new TooMuch(`it holds more than ${LOOK_CHARACTERS} characters`);
  };

  const visitText = (text: string, where: string, key: string, depth: number): void => {
    count(where, depth, text.length);
    texts.push({ where, key, text });
    const nested = nestedJson(text);
    if (nested !== undefined) visit(nested, where, key, depth + 1);
  };

  const visit = (value: unknown, where: string, key: string, depth: number): void => {
    if (typeof value === 'string') return visitText(value, where, key, depth);
    count(where, depth, 0);
    if (typeof value === 'function' || typeof value === 'symbol')
      throw new TooMuch(`${where} is no JSON`);
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      value.forEach((item, index) => visit(item, `${where}[${index}]`, key, depth + 1));
      return;
    }
    if (!isPlain(value)) throw new TooMuch(`${where} is no JSON`);
    for (const [name, member] of Object.entries(value)) {
      const path = where === '' ? name : `${where}.${name}`;
      const at = path.length > SHOWN ? path.slice(0, SHOWN) : path;
      const squeezed = squeeze(name);
      count(at, depth, name.length);
      addMember({ where: at, key: squeezed, name, value: member, owner: value });
      visit(member, at, squeezed, depth + 1);
    }
  };

  let unseen: string | undefined;
  try {
    visit(roots, '', '', 0);
  } catch (error) {
    // A getter or proxy that throws is as unreadable as what is too large.
    unseen = error instanceof TooMuch ? error.message : 'it cannot be read';
  }
  return {
    all,
    texts,
    unseen,
    named: (...keys) => keys.flatMap((key) => byKey.get(key) ?? []),
  };
};

/** The values of an object under a squeezed name; several when it is spelled in several ways. */
export const under = (value: unknown, key: string): unknown[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([name, member]) => (squeeze(name) === key ? [member] : []))
    : [];

/** What stands beside a member in its object, under a squeezed name. */
export const beside = (member: Member, key: string): unknown[] => under(member.owner, key);

/** The texts of a value: of a list its items, of an object its names and what they hold. */
export const textsIn = (value: unknown, depth = 0): string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > LOOK_DEPTH) return [];
  if (Array.isArray(value)) return value.flatMap((item) => textsIn(item, depth + 1));
  return Object.entries(value).flatMap(([name, member]) => [name, ...textsIn(member, depth + 1)]);
};
