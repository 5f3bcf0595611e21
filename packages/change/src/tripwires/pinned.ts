/** The version of the hard rules, and the digest of `tripwireSet()` that it was released with. */
export const PINNED_VERSION = 1;
export const PINNED_DIGEST = '5bae5e9e76949a543604f52bd8b922d66167d47fe3ebfeae7b1437e170b0820c';
