/**
 * A text that Python's `json.loads` would not read. `offset` counts UTF-16 units from 0. The message never quotes the
 * text: what was taken for a licence may be a private key.
 */
export class JsonError extends Error {
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(`${what} at offset ${offset}`);
    this.name = 'JsonError';
    this.offset = offset;
  }
}
