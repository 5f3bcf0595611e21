/**
 * A JSON document as it was written: numbers are tokens, objects are maps (a key may be `__proto__`). Source of the
 * need: what is signed is the text of a number, which a double does not keep.
 */
export type JsonValue = null | boolean | string | NumberToken | readonly JsonValue[] | JsonObject;

export type JsonObject = ReadonlyMap<string, JsonValue>;

/** A number of a document: `1`, `-0.5e3`, and Python's `NaN`, `Infinity`, `-Infinity`. */
export class NumberToken {
  readonly token: string;

  constructor(token: string) {
    this.token = token;
  }

  /** The exact value of an integer of any size; undefined for what has a fraction or an exponent, as in Python. */
  get integer(): bigint | undefined {
    return /^-?\d+$/.test(this.token) ? BigInt(this.token) : undefined;
  }
}

export const isJsonObject = (value: JsonValue | undefined): value is JsonObject =>
  value instanceof Map;

export const isJsonArray = (value: JsonValue | undefined): value is readonly JsonValue[] =>
  Array.isArray(value);
