import type { Credentials } from '@holdfast/client/stack';
import type { StackDoor } from '../stack/open-stack.ts';

/** A stack that is there says no, or cannot be used as it stands: nothing is patched beside it. */
export interface Refusal {
  readonly reason: string;
  readonly detail: string;
}

/** Who changes the workloads: this program itself, or a running stack, for which an apply is a change. */
export type Route =
  | { readonly kind: 'standalone' }
  | { readonly kind: 'stack'; readonly door: StackDoor }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export const STANDALONE: Route = { kind: 'standalone' };

/**
 * Looks for a running stack of this user that tunes workloads. The code that talks to one is read only where there are
 * credentials for one. `standalone`: none is looked for.
 */
export const chooseRoute = async (env: NodeJS.ProcessEnv, standalone: boolean): Promise<Route> => {
  if (standalone) return STANDALONE;
  const { findStack } = await import('../stack/find-stack.ts');
  const found: Credentials | Refusal | undefined = findStack(env);
  if (found === undefined) return STANDALONE;
  if ('reason' in found) return { kind: 'refused', refusal: found };
  const { openStack } = await import('../stack/open-stack.ts');
  return openStack(found, { mustAnswer: Boolean(env['HOLDFAST_URL']) });
};
