/** The version of the hard rules, and the digest of `tripwireSet()` that it was released with. */
export const PINNED_VERSION = 2;
export const PINNED_DIGEST = 'b451c610405de73d073a51ebec5bdfe5ddc13f55c468cf06125dfe276dbf90da';
