import { createHash } from 'node:crypto';
import { HoldfastError, type Change, type Plan } from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';
import { CliError, EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { note } from '../output.ts';
import { changeDiff } from '../words/change-diff.ts';
import { changeWords } from '../words/change-words.ts';

const hashOf = ({ hash: _hash, ...body }: Plan): string =>
  createHash('sha256').update(canonicalize(body)).digest('hex');

/** Control and format characters, such as those that move a cursor or turn the direction of a text around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const escaped = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`;

/** The same value, with what a terminal would not show written out, in the names of fields too. */
const visible = (value: unknown): unknown => {
  if (typeof value === 'string') return value.replace(UNSEEN, escaped);
  if (Array.isArray(value)) return value.map(visible);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [visible(name), visible(inner)]),
  );
};

/**
 * Shows what is about to be signed, on standard error, and answers its plan, whose content is what its hash says. `wanted`: the hash of the
 * plan that the caller looked at before; the one of the change when absent. Throws CliError when there is no plan or it
 * is not what its hash says or of another change, and plan_hash_mismatch when it is another one than wanted.
 */
export const showPlan = (context: CliContext, change: Change, wanted?: string): Plan => {
  const { id, plan } = change;
  if (plan === null) throw new CliError(`change ${id} has no plan`, { exit: EXIT.failed });
  if (hashOf(plan) !== plan.hash || plan.change !== id || plan.kind !== change.kind)
    throw new CliError(`the plan of change ${id} is not what its hash says: nothing was signed`, {
      exit: EXIT.refused,
    });
  if (wanted !== undefined && wanted !== plan.hash)
    throw new HoldfastError('plan_hash_mismatch', { got: wanted, expected: plan.hash });
  const seen = visible({ ...change, target: plan.target }) as Change;
  note(
    context,
    [changeWords(seen), `signing for plan ${plan.hash}:`, ...changeDiff(seen)].join('\n'),
  );
  return plan;
};
