import { createHash } from 'node:crypto';
import { workloadRefSchema, type TunedRef, type TunedWorkload } from '@holdfast/contracts';
import type { PlanItem } from '@holdfast/tuning';
import type { StackDoor } from './open-stack.ts';

const MOST = 1000;
const ID = /^[a-z0-9]([-a-z0-9_.]*[a-z0-9])?$/;
const LONGEST_ID = 100;

const isSame = (a: TunedRef, b: TunedRef): boolean =>
  a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;

const all = async ({ keeper }: StackDoor): Promise<TunedWorkload[]> => {
  const found: TunedWorkload[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await keeper.listWorkloads({ limit: MOST, ...(cursor ? { cursor } : {}) });
    found.push(...page.items);
    cursor = page.next_cursor;
  }
  return found;
};

/** A name that says what it stands for, or one that at least stands for nothing else. */
const newId = (ref: TunedRef, context: string | null, taken: ReadonlySet<string>): string => {
  const plain = `${ref.namespace}.${ref.name}`;
  if (plain.length <= LONGEST_ID && ID.test(plain) && !taken.has(plain)) return plain;
  const text = JSON.stringify([context, ref.kind, ref.namespace, ref.name]);
  return `workload-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
};

/**
 * The id by which a stack knows the object of a plan item; one that it does not know is registered, to be observed and
 * with no limits but those of the chords. `context`: of the kubeconfig, as verified. A record without a context counts
 * too: what it stands for is checked by what the stack reads there.
 */
export const workloadOf = async (
  door: StackDoor,
  item: PlanItem,
  context: string | null,
): Promise<string> => {
  const { kind, namespace, name } = item;
  const ref = workloadRefSchema.parse({ kind, namespace, name });
  const known = await all(door);
  const same = known.filter((one) => isSame(one.ref, ref));
  const found =
    same.find((one) => one.context === context) ?? same.find((one) => one.context === null);
  if (found !== undefined) return found.id;
  const id = newId(ref, context, new Set(known.map((one) => one.id)));
  await door.keeper.registerWorkload({ id, context, ref, source: { pod_logs: {} } });
  return id;
};
