/** Set for a guardian that a keeper started: its channel leads to the keeper. */
export const UNDER_KEEPER = 'HOLDFAST_UNDER_KEEPER';
/** Set for a keeper that a guardian started in the place of one that was killed. */
export const KEEPER_OF_GUARDIAN = 'HOLDFAST_KEEPER_OF_GUARDIAN';
