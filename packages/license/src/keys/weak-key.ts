/** The prime of the field, 2^255 - 19 (RFC 8032 section 5.1). */
const P = 2n ** 255n - 19n;

/** The y coordinate of a point of order 8; its negative is the other one. */
const ORDER_8_Y = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;

/** The y coordinates of the points of order 1, 2, 4 and 8. */
const SMALL_ORDER_Y = new Set([0n, 1n, P - 1n, ORDER_8_Y, P - ORDER_8_Y]);

/**
 * Whether a raw public key is a point of small order, in any spelling: 32 zero bytes are one. With such a key in a ring
 * anybody finds a signature that fits, and node:crypto takes it.
 */
export const isWeakKey = (publicKey: Uint8Array): boolean => {
  const encoded = BigInt(`0x${Buffer.from(publicKey).reverse().toString('hex')}`);
  return SMALL_ORDER_Y.has(BigInt.asUintN(255, encoded) % P);
};
