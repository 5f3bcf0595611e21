import { GATEWAY_PORT, kernelRow, type KernelId } from '@holdfast/contracts';
import type { HttpAnswer } from '../harness/http-call.ts';
import { startLoad, type Load, type LoadCall } from '../harness/load.ts';
import type { Stack } from '../harness/stack.ts';

/** The request load of a campaign, and the answers by status. */
export interface Callers {
  readonly load: Load;
  readonly statuses: ReadonlyMap<number, number>;
}

/** What a caller may be told while something behind the main port is away. */
const LATER = [502, 503, 504];
const PATIENCE_MS = 60_000;
const PAUSE_MS = 15;

export const startCallers = (stack: Stack, kernels: readonly KernelId[]): Callers => {
  const statuses = new Map<number, number>();
  const paths = [
    '/health',
    '/auth/whoami',
    '/api/changes?limit=1',
    '/api/infrastructure/hosts?limit=1',
    '/api/log/entries?limit=1',
    '/api/events?limit=1',
    '/kernel-ports/status',
    ...(kernels.includes('librarian_kernel') ? ['/librarian/search?query=kernel&limit=1'] : []),
  ];
  const ports = [GATEWAY_PORT, ...kernels.map((id) => kernelRow(id).port)].map(
    (port) => port + stack.offset,
  );
  const judge = ({ status, text }: HttpAnswer): string | undefined => {
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const fine = (status >= 200 && status < 300) || LATER.includes(status);
    return fine ? undefined : `${status} ${text.slice(0, 200)}`;
  };
  let turn = 0;
  const call = (): LoadCall => ({
    url: `${stack.url}${paths[(turn += 1) % paths.length]}`,
    token: stack.token(),
    judge,
  });
  const load = startLoad({
    call,
    kept: 3,
    fresh: 3,
    ports: () => ports,
    pauseMs: PAUSE_MS,
    timeoutMs: PATIENCE_MS,
  });
  return { load, statuses };
};
