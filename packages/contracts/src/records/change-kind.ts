import type { KernelId } from '../kernels.ts';
import { hasRole, type Principal, type Role } from './principal.ts';

/**
 * What can be changed, by whom it is planned and carried out, and what its target is called. A kernel that offers the
 * operations of a change driver adds its kinds here; everything else (gate, workflow, words) reads this table.
 */
interface ChangeKindRow {
  /** Null for `revert`: the owner is that of the change that is undone. */
  readonly owner: KernelId | null;
  /** The key of the target that the author names; together with its value it is what two changes cannot hold at once. */
  readonly target: string;
  /** The least role that may propose it. */
  readonly role: Role;
  /** The owner may propose it too, in its own name. */
  readonly by_owner?: true;
  readonly words: string;
}

const row = <const R extends ChangeKindRow>(definition: R): R => definition;

export const CHANGE_KIND_TABLE = {
  'packages.repair': row({
    owner: 'infrastructure_manager',
    target: 'host',
    role: 'operator',
    words: 'repair of the declared packages',
  }),
  'packages.update': row({
    owner: 'infrastructure_manager',
    target: 'host',
    role: 'operator',
    words: 'update of packages',
  }),
  config: row({
    owner: 'governance',
    target: 'config',
    role: 'admin',
    words: 'change of settings',
  }),
  quorum: row({
    owner: 'governance',
    target: 'quorum',
    role: 'admin',
    words: 'change of a quorum',
  }),
  policy: row({
    owner: 'policy_engine',
    target: 'policy',
    role: 'admin',
    words: 'change of the policies',
  }),
  'workload.tune': row({
    owner: 'mode_keeper',
    target: 'workload',
    role: 'operator',
    by_owner: true,
    words: 'tuning of a workload',
  }),
  revert: row({ owner: null, target: '', role: 'operator', words: 'undo' }),
} as const satisfies Readonly<Record<string, ChangeKindRow>>;

export type ChangeKind = keyof typeof CHANGE_KIND_TABLE;
export const CHANGE_KINDS = Object.keys(CHANGE_KIND_TABLE) as [ChangeKind, ...ChangeKind[]];

/** Kinds that may be proposed: everything but the undo, which has an operation of its own. */
export const PROPOSABLE_KINDS = CHANGE_KINDS.filter((kind) => kind !== 'revert') as [
  Exclude<ChangeKind, 'revert'>,
  ...Exclude<ChangeKind, 'revert'>[],
];

/** Whether a principal may propose changes of a kind. Whether such a change is allowed is for the gate to say. */
export const mayPropose = (principal: Principal, kind: ChangeKind): boolean => {
  const { role, owner, by_owner }: ChangeKindRow = CHANGE_KIND_TABLE[kind];
  if (principal.role === 'kernel') return by_owner === true && principal.id === `kernel:${owner}`;
  return hasRole(principal, role);
};

/** The one name of a target, as conflicts, freezes and cool-downs use it: `host:box_linux`, `config:profile`. */
export const targetKey = (target: Readonly<Record<string, string>>): string =>
  Object.entries(target)
    .map(([key, value]) => `${key}:${value}`)
    .toSorted()
    .join(' ');
