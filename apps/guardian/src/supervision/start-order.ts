import type { KernelId } from '@holdfast/contracts';

/** The bus first, then the ledger: what the others announce while they start is on record from the beginning. */
const FIRST: readonly KernelId[] = ['message_bus', 'immutable_log'];

/** Kernels in the stages in which they are told to start; those of one stage start together. */
export const startStages = (kernels: readonly KernelId[]): readonly (readonly KernelId[])[] =>
  [
    ...FIRST.map((id) => kernels.filter((one) => one === id)),
    kernels.filter((id) => !FIRST.includes(id)),
  ].filter((stage) => stage.length > 0);
