import {
  CHANGE_KIND_TABLE,
  HoldfastError,
  mayPropose,
  type governanceApi,
  type Principal,
} from '@holdfast/contracts';
import type { Handlers } from '@holdfast/sdk';
import { InvalidPackageName, isValidVersion, normalizeName } from '@holdfast/versions';
import type { Parts } from './context.ts';
import { ownerIdOf } from './owners.ts';
import { propose } from './propose.ts';
import { simulateChange, type Wish } from './simulate.ts';

type Proposals = Pick<
  Handlers<typeof governanceApi>,
  'proposeChange' | 'simulateChange' | 'scheduleUpdate'
>;

const refuseName = (name: string, detail: string): never => {
  throw new HoldfastError('package_name_invalid', { name, detail });
};

/** Refuses anything but one package at one version: `name==version` for pip, `name@version` for npm. */
const checkWanted = (manager: 'pip' | 'npm', wanted: string): void => {
  const separator = manager === 'pip' ? '==' : '@';
  const at = wanted.lastIndexOf(separator);
  if (at <= 0) refuseName(wanted, `expected name${separator}version`);
  const version = wanted.slice(at + separator.length);
  try {
    normalizeName(manager, wanted.slice(0, at));
  } catch (error) {
    if (!(error instanceof InvalidPackageName)) throw error;
    refuseName(wanted, error.message);
  }
  if (!isValidVersion(manager, version)) refuseName(wanted, `${version} is no ${manager} version`);
};

/** What an author writes into a change is kept and shown with it, so it has to stay small. */
const MAX_INTENT_BYTES = 64 * 1024;

const checkIntent = (intent: Record<string, unknown>): void => {
  const bytes = Buffer.byteLength(JSON.stringify(intent));
  if (bytes > MAX_INTENT_BYTES) {
    const detail = `intent has ${bytes} bytes, at most ${MAX_INTENT_BYTES} are taken`;
    throw new HoldfastError('invalid_input', { detail });
  }
};

/** Refuses a kind that takes a higher role, and a target that is not named by the one key of its kind. */
const checkWish = ({ kind, target, intent }: Wish, principal: Principal): void => {
  ownerIdOf(kind);
  checkIntent(intent);
  const { target: key, role } = CHANGE_KIND_TABLE[kind];
  if (!mayPropose(principal, kind)) {
    const detail = `role ${principal.role} may not propose a change of kind ${kind}; it takes ${role}`;
    throw new HoldfastError('forbidden', { detail });
  }
  if (Object.keys(target).length === 1 && target[key] !== undefined) return;
  const detail = `target of ${kind} takes exactly one key, ${key}`;
  throw new HoldfastError('invalid_input', { detail });
};

export const proposeHandlers = (parts: Parts): Proposals => ({
  async proposeChange(input, call) {
    checkWish(input, call.principal);
    const { kind, target, intent, hold, ttl_s } = input;
    const forced_approval = intent['requires_approval'] === true;
    const proposal = { kind, intent, target, forced_approval, hold, ttl_s };
    return propose(parts, { ...proposal, op: 'proposeChange', request: input }, call);
  },
  simulateChange: async (input, call) => {
    checkWish(input, call.principal);
    return simulateChange(parts, input, call.principal);
  },
  async scheduleUpdate(input, call) {
    const { host_id, update_type, environment, packages, requires_approval } = input;
    for (const wanted of packages) checkWanted(update_type, wanted);
    const intent = {
      manager: update_type,
      packages,
      requires_approval,
      ...(environment === undefined ? {} : { environment }),
    };
    const proposal = {
      kind: 'packages.update' as const,
      target: { host: host_id },
      intent,
      forced_approval: requires_approval,
    };
    return propose(parts, { ...proposal, op: 'scheduleUpdate', request: input }, call);
  },
});
