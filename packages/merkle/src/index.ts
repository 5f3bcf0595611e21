export { MerkleError, type MerkleErrorCode } from './errors.ts';
export { canonicalize } from './canonical-json.ts';
export {
  digestFromBytes,
  digestToBytes,
  EMPTY_ROOT,
  HASH_BYTES,
  hashLeaf,
  hashNode,
  leafDigest,
  nodeDigest,
  type Digest,
} from './hash.ts';
export {
  createCompactRange,
  type CompactRange,
  type CompactRangeState,
  type NodeSink,
} from './compact-range.ts';
export type { GetNode } from './node-reader.ts';
export { proveInclusion, verifyInclusion } from './inclusion-proof.ts';
export { proveConsistency, verifyConsistency } from './consistency-proof.ts';
export {
  entryBundlePath,
  parseTilePath,
  TILE_HEIGHT,
  TILE_WIDTH,
  tilePath,
  tileWidth,
  type Tile,
} from './tiles.ts';
export { decodeEntryBundle, encodeEntryBundle, MAX_ENTRY_BYTES } from './entry-bundle.ts';
export { createTileBuilder, type TileBuilder, type TileData } from './tile-builder.ts';
export { createTileNodeReader, type ReadTile } from './tile-node-reader.ts';
export {
  createNoteSigner,
  encodeVerifierKey,
  generateSeed,
  isKeyName,
  parseVerifierKey,
  type NoteSigner,
  type NoteVerifier,
} from './note-key.ts';
export {
  openNote,
  parseNote,
  signNote,
  type NoteSignature,
  type SignedNote,
} from './signed-note.ts';
export {
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  type Checkpoint,
} from './checkpoint.ts';
export type { CheckpointSource, TrustedCheckpoint } from './checkpoint-cursor.ts';
export type { ReadLeafTile } from './leaf-tiles.ts';
export type { LogProblem, LogProblemKind } from './log-problem.ts';
export {
  verifyLog,
  type EntrySource,
  type LogEntry,
  type LogReport,
  type VerifyLogOptions,
} from './verify-log.ts';
