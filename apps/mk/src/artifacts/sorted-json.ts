import { LazyList } from './lazy-list.ts';

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
};

/** Pieces of about so many characters are written at once: while one grows, all that it is made of is held. */
const PIECE = 4 * 1024;

/** `prettyJson` of a value that stands `pad` deep in a document, in one pass: items of a long list are many. */
const indented = (value: unknown, pad: string): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const inner = `${pad}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[${inner}${value.map((item) => indented(item, inner)).join(`,${inner}`)}${pad}]`;
  }
  const fields = value as Record<string, unknown>;
  let text = '';
  for (const name of Object.keys(fields).sort())
    if (fields[name] !== undefined)
      text += `${text === '' ? '' : ','}${inner}${JSON.stringify(name)}: ${indented(fields[name], inner)}`;
  return text === '' ? '{}' : `{${text}${pad}}`;
};

function* listPieces(list: LazyList): Generator<string> {
  let piece = '[';
  let isEmpty = true;
  for (const item of list.items()) {
    piece += `${isEmpty ? '' : ','}\n    ${indented(item, '\n    ')}`;
    isEmpty = false;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}${isEmpty ? '' : '\n  '}]`;
}

/** The text of `prettyJson` piece by piece, of a report whose fields may be lazy lists. */
export function* prettyPieces(report: object): Generator<string> {
  const fields = Object.entries(report)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  let before = '{';
  for (const [name, value] of fields) {
    yield `${before}\n  ${JSON.stringify(name)}: `;
    if (value instanceof LazyList) yield* listPieces(value);
    else yield indented(value, '\n  ');
    before = ',';
  }
  yield fields.length === 0 ? '{}\n' : '\n}\n';
}

/** JSON with sorted keys and an indent of two: the text of every artifact. */
export const prettyJson = (value: unknown): string => `${JSON.stringify(sorted(value), null, 2)}\n`;

/** JSON on one line, keys sorted: a line of the decision trace. */
export const compactJson = (value: unknown): string => JSON.stringify(sorted(value));
