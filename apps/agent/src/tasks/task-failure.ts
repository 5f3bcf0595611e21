import { isHoldfastError, type TaskResult } from '@holdfast/contracts';

const MAX_DETAIL = 4000;

/** Why a task gave nothing, in the words of the failure. */
export const failureOf = (error: unknown): { code: string; detail: string } => {
  const code = isHoldfastError(error) ? error.code : 'step_failed';
  const text = error instanceof Error ? error.message : String(error);
  return { code, detail: text.slice(0, MAX_DETAIL) };
};

export const failedResult = (task_id: string, error: unknown): TaskResult => ({
  task_id,
  ok: false,
  error: failureOf(error),
});
