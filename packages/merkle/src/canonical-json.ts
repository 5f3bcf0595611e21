import { MerkleError } from './errors.ts';

/** Deeper values (cycles included) are refused rather than left to overflow the stack. */
const MAX_DEPTH = 256;

// All but control characters, quote and backslash (RFC 8785 section 3.2.2.2) and surrogates, of which
// the paired ones are fine.
const NEEDS_CARE = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * RFC 8785 canonical text of a JSON value: own enumerable string keys of plain objects, arrays,
 * strings, finite numbers, booleans and null.
 *
 * Throws MerkleError `not_canonicalizable`, naming the path, for anything JSON cannot say
 * faithfully: NaN, infinities, undefined (also as a property value or array hole), bigint,
 * functions, symbols, lone surrogates, class instances such as Date or Map, and nesting beyond
 * 256 levels.
 */
export function canonicalize(value: unknown): string {
  return write(value, 0, undefined);
}

/** Where a value sits, kept as a linked list so that the path costs nothing until it is needed. */
interface Place {
  readonly key: string | number;
  readonly parent: Place | undefined;
}

function write(value: unknown, depth: number, place: Place | undefined): string {
  switch (typeof value) {
    case 'string':
      return quote(value, place);
    case 'number':
      if (!Number.isFinite(value)) throw refuse(String(value), place);
      // ECMAScript Number::toString is the format RFC 8785 section 3.2.2.3 asks for.
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth >= MAX_DEPTH) throw refuse(`a value nested deeper than ${MAX_DEPTH} levels`, place);
      return Array.isArray(value)
        ? writeArray(value, depth, place)
        : writeObject(value, depth, place);
    default:
      throw refuse(typeof value, place);
  }
}

function writeArray(values: readonly unknown[], depth: number, parent: Place | undefined): string {
  if (values.length === 0) return '[]';
  let text = '[';
  for (let i = 0; i < values.length; i++) {
    if (i > 0) text += ',';
    text += write(values[i], depth + 1, { key: i, parent });
  }
  return text + ']';
}

function writeObject(value: object, depth: number, parent: Place | undefined): string {
  if (!isPlain(value)) throw refuse(`an instance of ${className(value)}`, parent);
  const keys = Object.keys(value);
  if (keys.length === 0) return '{}';
  const { sorted, openings } = shapeOf(keys, parent);
  const record = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (let i = 0; i < sorted.length; i++) {
    const key = sorted[i] as string;
    const member = record[key];
    text += openings[i] as string;
    if (typeof member === 'string' && !NEEDS_CARE.test(member)) text += '"' + member + '"';
    else text += write(member, depth + 1, { key, parent });
  }
  return text + '}';
}

/** How objects with these keys, in this order, are written: what stands before each member. */
interface Shape {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  readonly openings: readonly string[];
}

/** The shapes met last: records come in few shapes, and sorting the names costs more than the rest. */
const shapes: (Shape | undefined)[] = Array(64).fill(undefined);
const MAX_KEPT_KEYS = 32;
const MAX_KEPT_NAME = 64;

function shapeOf(keys: readonly string[], parent: Place | undefined): Shape {
  const first = keys[0] as string;
  const last = keys[keys.length - 1] as string;
  const slot = (keys.length * 31 + first.length * 7 + last.length) % shapes.length;
  const known = shapes[slot];
  if (known !== undefined && sameKeys(known.keys, keys)) return known;
  const shape = makeShape(keys, parent);
  const isSmall = keys.length <= MAX_KEPT_KEYS && keys.every((key) => key.length <= MAX_KEPT_NAME);
  if (isSmall) shapes[slot] = shape;
  return shape;
}

function sameKeys(known: readonly string[], keys: readonly string[]): boolean {
  if (known.length !== keys.length) return false;
  for (let i = 0; i < keys.length; i++) if (known[i] !== keys[i]) return false;
  return true;
}

/** Keys by UTF-16 code unit (RFC 8785 section 3.2.3), which is how JavaScript compares strings. */
function makeShape(keys: readonly string[], parent: Place | undefined): Shape {
  const sorted = keys.toSorted();
  const openings = sorted.map(
    (key, at) => (at === 0 ? '{' : ',') + quote(key, { key, parent }) + ':',
  );
  return { keys, sorted, openings };
}

function quote(text: string, place: Place | undefined): string {
  if (!NEEDS_CARE.test(text)) return '"' + text + '"';
  if (LONE_SURROGATE.test(text)) throw refuse('a string with a lone surrogate', place);
  return JSON.stringify(text);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // The last test admits plain objects of another realm (worker, vm).
  return (
    prototype === Object.prototype ||
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null &&
      Object.prototype.hasOwnProperty.call(prototype, 'isPrototypeOf'))
  );
}

function className(value: object): string {
  const constructor: unknown = (value as { constructor?: unknown }).constructor;
  return typeof constructor === 'function' && constructor.name !== ''
    ? constructor.name
    : 'a class';
}

function refuse(got: string, place: Place | undefined): MerkleError {
  const path: (string | number)[] = [];
  for (let at = place; at !== undefined; at = at.parent) path.unshift(at.key);
  const where = path.length === 0 ? 'the top level' : `/${path.join('/')}`;
  return new MerkleError('not_canonicalizable', `canonical json: got ${got} at ${where}`);
}
