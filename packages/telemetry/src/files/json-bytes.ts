/** Bytes that mean something in JSON (RFC 8259, section 2). */
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const NEWLINE = 0x0a;
/** The first byte of `null`. */
export const NULL = 0x6e;

/** Not a plain part of a line: `JSON.parse` decides. */
export const UNUSUAL = -1;

const LITERALS: readonly Uint8Array[] = ['true', 'false', 'null'].map((text) =>
  Uint8Array.from(text, (character) => character.charCodeAt(0)),
);

/** Index behind the blanks of JSON at `from`; a newline is none, it ends the line. */
export const skipBlanks = (bytes: Uint8Array, from: number): number => {
  let at = from;
  let byte = bytes[at];
  while (byte === 0x20 || byte === 0x09 || byte === 0x0d) byte = bytes[(at += 1)];
  return at;
};

/** Index behind the quote that ends a string; unusual when an escape or a control character comes first. */
export const endOfString = (bytes: Uint8Array, from: number): number => {
  let at = from;
  let byte = bytes[at] as number;
  while (byte !== QUOTE) {
    if (byte === BACKSLASH || byte < 0x20) return UNUSUAL;
    byte = bytes[(at += 1)] as number;
  }
  return at + 1;
};

/** Index behind `true`, `false` or `null`. */
export const endOfLiteral = (bytes: Uint8Array, from: number): number => {
  for (let i = 0; i < LITERALS.length; i += 1) {
    const literal = LITERALS[i] as Uint8Array;
    if (startsWith(bytes, from, literal)) return from + literal.length;
  }
  return UNUSUAL;
};

/** Whether `bytes` go on with `text` at `from`. */
export const startsWith = (bytes: Uint8Array, from: number, text: Uint8Array): boolean => {
  let length = 0;
  while (length < text.length && bytes[from + length] === text[length]) length += 1;
  return length === text.length;
};
