import { isTransient } from '@holdfast/change';
import {
  HoldfastError,
  CLEARANCE_MS,
  isHoldfastError,
  type Freeze,
  type governanceApi,
} from '@holdfast/contracts';
import type { Handlers } from '@holdfast/sdk';
import type { GovernanceContext, Parts } from '../context.ts';

type FreezeOps = Pick<Handlers<typeof governanceApi>, 'getFreeze' | 'freeze' | 'unfreeze'>;

const TIMEOUT_MS = 5_000;
const HOST = /^((?:target:)?host:)(.+)$/;

const refuse = (detail: string): never => {
  throw new HoldfastError('invalid_input', { detail });
};

/** The scope with the id of a host that may be called by an alias; as given where nobody knows it, or can say. */
const resolveScope = async (
  { needs, signal }: GovernanceContext,
  scope: string,
): Promise<string> => {
  const [, prefix, id] = HOST.exec(scope) ?? [];
  if (prefix === undefined || id === undefined) return scope;
  try {
    const host = await needs.infrastructure.getHost({ id }, { signal, timeoutMs: TIMEOUT_MS });
    return `${prefix}${host.id}`;
  } catch (error) {
    if (isTransient(error) || isHoldfastError(error, 'host_not_found')) return scope;
    throw error;
  }
};

export const freezeHandlers = (parts: Parts, thawed: () => void): FreezeOps => {
  const { killSwitch, freezes, context } = parts;
  const read = async (): Promise<Freeze> => ({
    ...(await killSwitch.read()),
    scopes: await freezes.list(),
  });
  const checkUntil = (scope: string | undefined, until: string | undefined): void => {
    if (until === undefined) return;
    if (scope === undefined)
      refuse('until goes with a scope: the kill switch is turned off by hand');
    if (Date.parse(until) <= context.clock.now()) refuse(`until ${until} is over`);
  };
  return {
    getFreeze: read,
    async freeze({ reason, scope, until }, { principal: { id } }) {
      checkUntil(scope, until);
      const isNew =
        scope === undefined
          ? await killSwitch.turnOn(reason, id)
          : await freezes.set(await resolveScope(context, scope), reason, id, until ?? null);
      // Also when somebody else froze it: that may have been a moment ago.
      await context.clock.sleep(CLEARANCE_MS, context.signal);
      return { ...(await read()), froze: isNew ? 1 : 0 };
    },
    async unfreeze({ scope }, { principal: { id, kind } }) {
      // Whoever may stop everything need not be a person; whoever lets it go on has to be.
      if (kind !== 'human') throw new HoldfastError('not_a_person', { kind });
      let unfroze = 0;
      if (scope === undefined) unfroze = (await killSwitch.turnOff(id)) ? 1 : 0;
      else
        for (const one of new Set([scope, await resolveScope(context, scope)]))
          if (await freezes.lift(one, id)) unfroze += 1;
      thawed();
      return { ...(await read()), unfroze };
    },
  };
};
