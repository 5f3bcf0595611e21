export type MerkleErrorCode =
  | 'not_canonicalizable'
  | 'bad_hash'
  | 'bad_range'
  | 'bad_state'
  | 'node_missing'
  | 'bad_tile'
  | 'bad_bundle'
  | 'entry_too_large'
  | 'bad_key'
  | 'bad_note'
  | 'signature_invalid'
  | 'bad_checkpoint'
  | 'unsorted_checkpoints';

/** The one error class of this package; compare `code`, never the text. */
export class MerkleError extends Error {
  readonly code: MerkleErrorCode;

  constructor(code: MerkleErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MerkleError';
    this.code = code;
  }
}
