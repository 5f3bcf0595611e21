/** Output of a child up to a limit. Beyond it the newest is kept, because tools say why they failed last. */
export interface OutputBuffer {
  add(chunk: Buffer): void;
  text(): string;
  readonly truncated: boolean;
}

export const createOutputBuffer = (limitBytes: number): OutputBuffer => {
  let chunks: Buffer[] = [];
  let size = 0;
  let truncated = false;

  const compact = (): void => {
    const all = Buffer.concat(chunks);
    chunks = [all.subarray(all.length - limitBytes)];
    size = limitBytes;
    truncated = true;
  };

  return {
    add(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > 2 * limitBytes) compact();
    },
    text() {
      if (size > limitBytes) compact();
      return Buffer.concat(chunks).toString('utf8');
    },
    get truncated() {
      return truncated || size > limitBytes;
    },
  };
};
