import type { ChangeState } from '@holdfast/contracts';
import type { AppliedItem, KubeObject } from '@holdfast/kube';
import type { Action, PlanItem } from '@holdfast/tuning';
import type { Refusal } from '../apply/route.ts';
import type { FollowOptions } from './follow-change.ts';
import { handBack, handOver, type HandedOver } from './hand-over.ts';
import type { StackDoor } from './open-stack.ts';
import { refusalOf } from './refusal-of.ts';
import { tuningOf } from './tuning-of.ts';
import { workloadOf } from './workload-of.ts';

/** What an apply is about, beside its items. */
export interface StackOrder extends FollowOptions {
  readonly items: readonly PlanItem[];
  /** The workloads beside the items, as they were verified and read. */
  readonly before: readonly (KubeObject | undefined)[];
  /** Of the kubeconfig that they were read with. */
  readonly context: string | null;
  /** What the items stand for, where they were made of actions. */
  readonly actions?: readonly Action[];
  /** Changes of this stack that the items take back, beside them. */
  readonly undoes?: readonly string[];
}

/** One change of the stack, as reports name it. */
export interface StackChange {
  readonly namespace: string;
  readonly name: string;
  readonly change: string;
  readonly state: ChangeState;
}

export interface StackCarried {
  readonly ok: boolean;
  /** Some change goes on, and was not waited for. */
  readonly open: boolean;
  /** It was taken back because the session was told to stop. */
  readonly stopped: boolean;
  readonly items: readonly AppliedItem[];
  readonly changes: readonly StackChange[];
  /** The stack said no before anything was changed. */
  readonly refusal?: Refusal;
}

type Tunings = readonly { readonly actions: readonly Action[]; readonly before: KubeObject }[];

/** What every item stands for, or why the whole plan cannot go through a stack. */
const tuningsOf = ({ items, before, actions }: StackOrder): Tunings | Refusal => {
  const tunings = [];
  for (const [index, item] of items.entries()) {
    const place = `${item.kind} ${item.namespace}/${item.name}`;
    const object = before[index];
    if (object === undefined)
      return { reason: 'verify_failed', detail: `${place} could not be read` };
    const found = actions === undefined ? tuningOf(item, object) : { actions };
    if ('problem' in found) {
      const detail = `${place}: ${found.problem}; --standalone applies it past the stack`;
      return { reason: 'plan_unsupported', detail };
    }
    tunings.push({ actions: found.actions, before: object });
  }
  return tunings;
};

const itemOf = (
  { namespace, name }: PlanItem,
  done: { readonly ok: boolean; readonly said: string; readonly attempted: boolean },
): AppliedItem => ({
  namespace,
  name,
  ok: done.ok,
  rc: done.attempted ? Number(!done.ok) : null,
  stdout: done.ok ? done.said : '',
  stderr: done.ok ? '' : done.said,
  patch_attempted: done.attempted,
  resource_version: null,
  verified_again: false,
});

const itemOfChange = (item: PlanItem, { change, end }: HandedOver): AppliedItem =>
  itemOf(item, {
    ok: end.kind === 'applied',
    said: end.kind === 'applied' ? `change ${change.id} is ${change.state}` : end.detail,
    attempted: end.kind !== 'refused' && end.kind !== 'stopped',
  });

/**
 * Carries a plan out as changes of a running stack, one for each item, and stops at the first that is not applied. A
 * refusal of the first one is a refusal of the plan; later ones are failures, because something was changed by then.
 */
export const carryThroughStack = async (
  door: StackDoor,
  order: StackOrder,
): Promise<StackCarried> => {
  const { items, undoes, context } = order;
  const done: AppliedItem[] = [];
  const changes: StackChange[] = [];
  const ended = (ok: boolean, more: Partial<StackCarried> = {}): StackCarried => {
    const said = 'not attempted';
    const rest = order.items.slice(done.length);
    const skipped = rest.map((item) => itemOf(item, { ok: false, said, attempted: false }));
    const items = [...done, ...skipped];
    return { ok, open: false, stopped: false, items, changes, ...more };
  };

  const carry = async (index: number, tunings: Tunings): Promise<HandedOver> => {
    const undone = undoes?.[index];
    if (undone !== undefined) return handBack(door, undone, order);
    const workload = await workloadOf(door, items[index]!, context);
    return handOver(door, { workload, ...tunings[index]! }, order);
  };

  const tunings = undoes === undefined ? tuningsOf(order) : [];
  if ('reason' in tunings) return ended(false, { refusal: tunings });
  for (const [index, item] of items.entries()) {
    let handed: HandedOver;
    try {
      handed = await carry(index, tunings);
    } catch (error) {
      const refusal = refusalOf(error);
      done.push(itemOf(item, { ok: false, said: refusal.detail, attempted: false }));
      return ended(false, index === 0 ? { refusal } : {});
    }
    const { change, end } = handed;
    const { namespace, name } = item;
    changes.push({ namespace, name, change: change.id, state: change.state });
    done.push(itemOfChange(item, handed));
    if (end.kind === 'refused') {
      const { reason, detail } = end;
      return ended(false, index === 0 ? { refusal: { reason, detail } } : {});
    }
    if (end.kind !== 'applied')
      return ended(false, { open: end.kind === 'open', stopped: end.kind === 'stopped' });
  }
  return ended(true);
};
