/**
 * Numbers in [0, 1), the same for the same seed: a counter put through the 32-bit finaliser of MurmurHash3, so that
 * neighbouring seeds give unrelated numbers.
 */
export const createRandom = (seed) => {
  let counter = Math.imul(seed, 0x2545f491);
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    let hash = counter;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
  };
};
