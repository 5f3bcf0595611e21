import { HoldfastError, isErrorCode, type ErrorCode } from '@holdfast/contracts';
import type { AgentChannel } from '../channel/agent-channel.ts';
import type { InventoryScope } from '../inventory/inventory-store.ts';
import type { JudgedOperation } from './step-effect.ts';

const RESOLVE_MS = 120_000;
const TOLD_AS_IS: readonly ErrorCode[] = ['agent_offline', 'agent_timeout'];

export interface ResolveRequest extends InventoryScope {
  readonly requirements: readonly string[];
  readonly options: readonly string[];
}

/** Asks the package manager on the host what it would do. Rejects with plan_failed in its words. */
export const resolvePackages = async (
  channel: AgentChannel,
  host: string,
  request: ResolveRequest,
): Promise<JudgedOperation[]> => {
  const { manager, environment } = request;
  const answer = await channel.ask(
    host,
    {
      type: 'resolve',
      manager,
      environment,
      requirements: [...request.requirements],
      options: [...request.options],
    },
    RESOLVE_MS,
  );
  if (answer.resolve) return answer.resolve.operations.filter(({ from, to }) => from !== to);
  const code = answer.error?.code;
  if (isErrorCode(code) && TOLD_AS_IS.includes(code)) throw new HoldfastError(code, { id: host });
  const detail = answer.error?.detail ?? 'the agent gave no operations';
  throw new HoldfastError('plan_failed', { detail: `${manager} in ${environment}: ${detail}` });
};
