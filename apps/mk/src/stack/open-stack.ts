import { createClient, createHttpTransport, type Client } from '@holdfast/client';
import type { Credentials } from '@holdfast/client/stack';
import {
  governanceApi,
  guardianApi,
  isHoldfastError,
  modeKeeperApi,
  type Assignment,
} from '@holdfast/contracts';
import type { Route } from '../apply/route.ts';
import { refusalOf } from './refusal-of.ts';

/** What of a stack an apply goes through. */
export interface StackDoor {
  readonly url: string;
  readonly keeper: Pick<Client<typeof modeKeeperApi>, 'listWorkloads' | 'registerWorkload'>;
  readonly governance: Pick<
    Client<typeof governanceApi>,
    'proposeChange' | 'getChange' | 'applyChange' | 'cancelChange' | 'revertChange'
  >;
}

const ANSWER_MS = 5_000;

/** Whether a kernel is part of the stack, answering now or not. One that is only not started yet has no reason. */
const isPart = ({ status, reason }: Pick<Assignment, 'status' | 'reason'>): boolean =>
  status !== 'not_installed' && (status !== 'not_started' || reason === '');

/** Nobody listens there: any other silence may be that of a stack. */
const isGone = (error: unknown): boolean =>
  isHoldfastError(error, 'kernel_unavailable') &&
  (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';

/**
 * The way through a stack, if it runs and has the kernel that tunes workloads; this program itself if not. `mustAnswer`:
 * somebody named the stack, so silence is no sign that there is none.
 */
export const openStack = async (
  { url, token }: Credentials,
  { mustAnswer }: { readonly mustAnswer: boolean },
): Promise<Route> => {
  const headers = { authorization: `Bearer ${token}` };
  const transport = createHttpTransport({ baseUrl: () => url, headers: () => headers });
  try {
    const guardian = createClient(guardianApi, transport);
    const { kernels } = await guardian.getGuardianStatus({}, { timeoutMs: ANSWER_MS });
    const kernel = kernels.find(({ name }) => name === modeKeeperApi.kernel);
    if (kernel === undefined || !isPart(kernel)) return { kind: 'standalone' };
  } catch (error) {
    if (isGone(error) && !mustAnswer) return { kind: 'standalone' };
    return { kind: 'refused', refusal: refusalOf(error) };
  }
  return {
    kind: 'stack',
    door: {
      url,
      keeper: createClient(modeKeeperApi, transport),
      governance: createClient(governanceApi, transport),
    },
  };
};
