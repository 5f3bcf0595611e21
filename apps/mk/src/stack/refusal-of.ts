import { isHoldfastError, type Change } from '@holdfast/contracts';
import type { Refusal } from '../apply/route.ts';

/** What a call of a stack that failed says, with the code of its error table. Any other failure is thrown on. */
export const refusalOf = (error: unknown): Refusal => {
  if (!isHoldfastError(error)) throw error;
  return { reason: error.code, detail: error.message };
};

/** Why a change stands where it stands: the first reason of its gate, else the first of its own. */
export const refusalOfChange = ({ gate, reasons, state, id }: Change): Refusal => {
  const first = gate?.reasons.find(({ code }) => code === gate.first) ?? reasons[0];
  const detail = `change ${id} is ${state}${first === undefined ? '' : `: ${first.detail}`}`;
  return { reason: first?.code ?? state, detail };
};
