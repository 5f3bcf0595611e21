import { HoldfastError, ROLES, type Principal, type PrincipalRecord } from '@holdfast/contracts';

/** Whose rights are weighed: somebody with a record, or the owner, who has none. */
export type Subject = Pick<PrincipalRecord, 'id' | 'kind' | 'role' | 'person' | 'state'>;

export const OWNER: Subject = {
  id: 'owner',
  kind: 'human',
  role: 'owner',
  person: 'owner',
  state: 'active',
};

/** -1 for agents and kernels, which stand apart. */
export const rankOf = (role: Principal['role']): number =>
  (ROLES as readonly string[]).indexOf(role);

const forbid = (detail: string): never => {
  throw new HoldfastError('forbidden', { detail });
};

/** Kernels and agents act for nobody: who may call is not theirs to change. */
export const requireCaller = (caller: Principal): void => {
  if (rankOf(caller.role) < 0 || (caller.kind !== 'human' && caller.kind !== 'ai'))
    forbid(`${caller.id} may not change who may call`);
};

/** Nobody gives a role above their own. */
export const requireMayGrant = (caller: Principal, role: PrincipalRecord['role']): void => {
  if (rankOf(role) > rankOf(caller.role))
    forbid(`role ${caller.role} may not give the role ${role}`);
};

export const isAdmin = (caller: Principal): boolean => rankOf(caller.role) >= rankOf('admin');

/** Admins look after everybody who is not above them; a program looks after programs only. */
export const requireMayManage = (caller: Principal, subject: Subject): void => {
  if (!isAdmin(caller)) forbid(`role ${caller.role} may not act for ${subject.id}`);
  if (rankOf(subject.role) > rankOf(caller.role))
    forbid(`role ${caller.role} may not act for ${subject.id}, whose role is ${subject.role}`);
  if (caller.kind === 'ai' && subject.kind !== 'ai')
    forbid(`${caller.id} is a program and may not act for ${subject.id}, who is a person`);
};
