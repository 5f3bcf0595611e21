const CR_LF = '\r\n';
const SIZE_LINE = /^([0-9a-f]{1,8})(?:[ \t]*;.*)?$/i;
const MAX_LINE_CHARS = 4_096;

/** Takes the chunked coding off a body (RFC 9112 section 7.1) as it arrives. Trailer fields are dropped. */
export interface ChunkedReader {
  /** Calls `emit` with each piece of content; answers true when the last chunk and its trailer are complete. */
  push(bytes: Buffer, emit: (piece: Buffer) => void): boolean;
}

type State = 'size' | 'data' | 'data-end' | 'trailer' | 'end';

/** Pieces are views of the bytes that were pushed. Throws when the coding is broken or bytes follow its end. */
export const createChunkedReader = (): ChunkedReader => {
  let state: State = 'size';
  let line = '';
  let left = 0;

  /** The rest of the current line, or undefined while its end has not arrived. Moves `at` in any case. */
  let at = 0;
  const takeLine = (bytes: Buffer): string | undefined => {
    const end = bytes.indexOf(0x0a, at);
    line += bytes.toString('latin1', at, end === -1 ? bytes.length : end + 1);
    at = end === -1 ? bytes.length : end + 1;
    if (line.length > MAX_LINE_CHARS) throw new Error('reading a chunk: its line is too long');
    if (end === -1) return undefined;
    if (!line.endsWith(CR_LF)) throw new Error('reading a chunk: its line ends without CR');
    const text = line.slice(0, -CR_LF.length);
    line = '';
    return text;
  };

  const step: Readonly<Record<State, (bytes: Buffer, emit: (piece: Buffer) => void) => void>> = {
    size(bytes) {
      const text = takeLine(bytes);
      if (text === undefined) return;
      const size = SIZE_LINE.exec(text);
      if (size === null) throw new Error('reading a chunk: its size is not a number');
      left = Number.parseInt(size[1]!, 16);
      state = left === 0 ? 'trailer' : 'data';
    },
    data(bytes, emit) {
      const piece = bytes.subarray(at, at + left);
      at += piece.length;
      left -= piece.length;
      if (left === 0) state = 'data-end';
      emit(piece);
    },
    'data-end'(bytes) {
      const text = takeLine(bytes);
      if (text === undefined) return;
      if (text !== '') throw new Error('reading a chunk: it is longer than its size');
      state = 'size';
    },
    trailer(bytes) {
      if (takeLine(bytes) === '') state = 'end';
    },
    end() {
      throw new Error('reading chunks: bytes after the last one');
    },
  };

  return {
    push(bytes, emit) {
      at = 0;
      while (at < bytes.length) step[state](bytes, emit);
      return state === 'end';
    },
  };
};
