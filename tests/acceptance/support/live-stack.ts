import type { Assignment, HealingRecord, Incident, KernelId } from '@holdfast/contracts';
import { httpCall, type HttpAnswer, type HttpCallOptions } from '../../harness/http-call.ts';
import { createOwnStack } from '../../harness/own-stack.ts';
import type { Settings } from '../../harness/quick-config.ts';
import type { Stack, StackOptions } from '../../harness/stack.ts';
import { until } from '../../harness/until.ts';

/** A running stack as a stranger sees it: ports and plain HTTP. */
export interface LiveStack {
  readonly stack: Stack;
  /** A call of the main API with the owner's token. */
  call(path: string, options?: HttpCallOptions): Promise<HttpAnswer>;
  /** The body of a call that has to be answered 200. */
  read<T = Record<string, unknown>>(path: string, options?: HttpCallOptions): Promise<T>;
  /** A call of a kernel's own port with the owner's token. */
  atKernel(id: KernelId, path: string): Promise<HttpAnswer>;
  kernel(id: KernelId): Promise<Assignment>;
  /** Kernels that run here. */
  kernels(): Promise<Assignment[]>;
  /** Pid by name of everything that is supervised, but for `without`. */
  pids(without?: string): Promise<Record<string, number | null>>;
  /** Waits until the kernel is healthy with another process than `oldPid`. */
  healed(id: KernelId, oldPid: number, limitMs?: number): Promise<Assignment>;
  /** Stops automatic restarts of the kernel, and ends it; resolves when the guardian has noticed. */
  takeDown(id: KernelId): Promise<number>;
  history(id: KernelId): Promise<HealingRecord[]>;
  incidents(id: KernelId): Promise<Incident[]>;
}

const ABSENT = ['not_installed', 'not_started'];

export const attach = (stack: Stack): LiveStack => {
  const call: LiveStack['call'] = (path, options = {}) =>
    httpCall(stack.url + path, { token: stack.token(), ...options });
  const read: LiveStack['read'] = async <T>(path: string, options?: HttpCallOptions) => {
    const answer = await call(path, options);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.json<T>();
  };
  const kernel: LiveStack['kernel'] = (id) => read<Assignment>(`/kernel-ports/port/${id}`);
  const kernels: LiveStack['kernels'] = async () =>
    (await read<{ assignments: Assignment[] }>('/kernel-ports/assignments')).assignments.filter(
      (one) => !ABSENT.includes(one.status),
    );
  return {
    stack,
    call,
    read,
    kernel,
    kernels,
    async atKernel(id, path) {
      const { port } = await kernel(id);
      return httpCall(`http://127.0.0.1:${port}${path}`, { token: stack.token() });
    },
    async pids(without) {
      const all = await stack.processes();
      const kept = all.filter((one) => one.name !== without);
      return Object.fromEntries(kept.map((one) => [one.name, one.pid]));
    },
    healed: (id, oldPid, limitMs = 75_000) =>
      until(
        `${id} healthy again`,
        async () => {
          const now = await kernel(id);
          return now.status === 'healthy' && now.pid !== oldPid && now;
        },
        limitMs,
      ),
    async takeDown(id) {
      await read('/network-healer/pause', { body: { component_name: id } });
      const { pid } = await kernel(id);
      process.kill(pid!, 'SIGKILL');
      await until(`${id} noticed as down`, async () => (await kernel(id)).status !== 'healthy');
      return pid!;
    },
    history: async (id) =>
      (await read<{ history: HealingRecord[] }>(`/network-healer/history?component_name=${id}`))
        .history,
    incidents: async (id) =>
      (await read<{ incidents: Incident[] }>(`/guardian/incidents?component=${id}`)).incidents,
  };
};

/** Starts a stack and waits until everything in it is healthy. */
export const startLive = async (
  settings: Settings = {},
  options: StackOptions = {},
): Promise<LiveStack> => {
  const stack = await createOwnStack(settings, options);
  const up = await stack.up();
  if (up.code !== 0) {
    await stack.destroy();
    throw new Error(`up: ${up.stderr}`);
  }
  return attach(stack);
};
