import {
  isHoldfastError,
  type KernelId,
  type OpOutput,
  type networkHealerApi,
} from '@holdfast/contracts';
import type { Components } from '../components.ts';
import type { Healer } from '../healer.ts';
import { judge, severityByFailures } from '../judge.ts';
import { toHealAnswer, type HealAnswer } from './heal-answer.ts';

interface Options {
  readonly components: Components;
  readonly healer: Healer;
  readonly actor: string;
}

/** No heal is begun after this, so that the answer comes before the caller gives up. */
const BEGIN_UNTIL_MS = 60_000;

const healOne = async (options: Options, id: KernelId): Promise<HealAnswer | undefined> => {
  const { components, healer, actor } = options;
  const issue = judge(components, id)[0]?.issue_type;
  if (issue === undefined) return undefined;
  const severity = severityByFailures(components.state(id).failures);
  try {
    return toHealAnswer(await healer.heal({ id, issue, severity, actor }));
  } catch (error) {
    // Somebody else is at it: their healing counts, not this one.
    if (isHoldfastError(error)) return undefined;
    throw error;
  }
};

/** Heals every kernel that is not healthy, one after the other. */
export const autoHeal = async (
  options: Options,
): Promise<OpOutput<typeof networkHealerApi.ops.autoHeal>> => {
  const { components } = options;
  const wanting = components.kernels().filter((id) => judge(components, id).length > 0);
  const began = performance.now();
  const results: HealAnswer[] = [];
  const left: KernelId[] = [];
  for (const id of wanting) {
    const late = performance.now() - began > BEGIN_UNTIL_MS;
    const answer = late ? undefined : await healOne(options, id);
    if (answer !== undefined) results.push(answer);
    else if (judge(components, id).length > 0) left.push(id);
  }
  const healed = results.filter((one) => one.success).length;
  const counts = `healed ${healed} of ${wanting.length}`;
  const rest = left.length === 0 ? '' : `; not begun: ${left.join(', ')}`;
  return {
    success: healed === results.length && left.length === 0,
    total_components: wanting.length,
    components_healed: healed,
    components_failed: results.length - healed,
    results,
    message: wanting.length === 0 ? 'every kernel is healthy' : `${counts}${rest}`,
  };
};
