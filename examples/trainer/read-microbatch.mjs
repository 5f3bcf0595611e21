import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from './random.mjs';
import { makeSamples } from './dataset.mjs';

/** Samples in one read of the pretended storage, and how long such a read takes. */
const SAMPLES_PER_READ = 4;
const READ_MS = 3;

/** One read in sixteen takes four times as long: what prefetching is there for. */
const readTime = (read) => (createRandom(read)() < 1 / 16 ? READ_MS * 4 : READ_MS);

/**
 * Samples `from` .. `from + count - 1`. Storage is pretended: a microbatch lies in several reads, of which `concurrency`
 * are under way at once, and each takes a few milliseconds during which nothing is computed.
 */
export const readMicrobatch = async ({ from, count, concurrency }) => {
  const reads = Array.from({ length: Math.ceil(count / SAMPLES_PER_READ) }, (_, i) => from + i);
  const reader = async () => {
    for (let read = reads.shift(); read !== undefined; read = reads.shift())
      await pause(readTime(read));
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, reads.length) }, reader));
  return makeSamples(from, count);
};
