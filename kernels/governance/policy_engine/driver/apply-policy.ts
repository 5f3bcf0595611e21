import {
  HoldfastError,
  isHoldfastError,
  type OpParsed,
  type StepResult,
  type changeDriverOps,
} from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';
import type { Statement } from '@holdfast/store';
import { requireSet } from '../sets/check-set.ts';
import { readAction, type DriverParts } from './plan-policy.ts';

type ApplyInput = OpParsed<(typeof changeDriverOps)['applyStep']>;

interface StepRow {
  action: string;
  result: string;
}

const failed = (code: string, detail: string): StepResult => ({
  status: 'failed',
  code,
  detail: detail.slice(0, 4000),
});

/**
 * Carries out steps one after the other, each (run, step) once: its result is written in the commit that makes it true.
 * An engine whose run was taken over is refused, for good.
 */
export const createApplyPolicy = ({ context, policies, inForce }: DriverParts) => {
  const { store, clock } = context;
  let queue: Promise<unknown> = Promise.resolve();

  const checkFence = async ({ run, fence }: ApplyInput): Promise<void> => {
    const [row] = await store.read<{ fence: number }>(
      'SELECT fence FROM policy_runs WHERE run = ?',
      [run],
    );
    const seen = row?.fence ?? -1;
    if (fence < seen) throw new HoldfastError('fenced', { run, fence, seen });
    if (fence === seen) return;
    await store.write([
      {
        sql: `INSERT INTO policy_runs (run, fence) VALUES (?, ?)
          ON CONFLICT (run) DO UPDATE SET fence = excluded.fence`,
        params: [run, fence],
      },
    ]);
  };

  const known = async ({ run, step, action }: ApplyInput): Promise<StepResult | undefined> => {
    const [row] = await store.read<StepRow>(
      'SELECT action, result FROM policy_steps WHERE run = ? AND step = ?',
      [run, step],
    );
    if (!row) return undefined;
    if (row.action === canonicalize(action)) return JSON.parse(row.result) as StepResult;
    const detail = `step ${step} of run ${run} was ordered before with another action`;
    throw new HoldfastError('invalid_input', { detail });
  };

  const remember = ({ run, step, action }: ApplyInput, result: StepResult): Statement => ({
    sql: 'INSERT INTO policy_steps (run, step, action, result) VALUES (?, ?, ?, ?)',
    params: [run, step, canonicalize(action), JSON.stringify(result)],
  });

  const over = async (input: ApplyInput, result: StepResult): Promise<StepResult> => {
    await store.write([remember(input, result)]);
    return result;
  };

  const carryOut = async (input: ApplyInput): Promise<StepResult> => {
    const { to, from } = readAction(input.action);
    const { revision } = inForce.now();
    if (revision.checksum === to) {
      const detail = `the policies ${to} are in force as revision ${revision.revision}`;
      return over(input, { status: 'succeeded', detail });
    }
    if (revision.checksum !== from)
      return over(input, failed('plan_stale', `in force is ${revision.checksum}, not ${from}`));
    const stored = await policies.find(to);
    if (!stored) {
      const error = new HoldfastError('policy_draft_not_found', { checksum: to });
      return over(input, failed(error.code, error.message));
    }
    const set = await requireSet(stored.files, clock.iso());
    const detail = `the policies ${to} are in force as revision ${revision.revision + 1}`;
    const result: StepResult = { status: 'succeeded', detail };
    const statements = [remember(input, result)];
    await inForce.put(set, { change: input.run, defaults_of: null, statements });
    return result;
  };

  const once = async (input: ApplyInput): Promise<StepResult> => {
    await checkFence(input);
    const before = await known(input);
    if (before) return before;
    try {
      return await carryOut(input);
    } catch (error) {
      const isVerdict =
        isHoldfastError(error, 'policy_invalid') || isHoldfastError(error, 'tripwire');
      if (!isVerdict) throw error;
      return over(input, failed((error as HoldfastError).code, (error as Error).message));
    }
  };

  return (input: ApplyInput): Promise<StepResult> => {
    const next = queue.then(() => once(input));
    queue = next.catch(() => undefined);
    return next;
  };
};
