import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Assignment, GuardianStatus, Incident } from '@holdfast/contracts';
import { identifyProcess } from '@holdfast/sdk/process';
import { httpCall } from '../harness/http-call.ts';
import { runningProcesses, type NamedProcess } from '../harness/running-processes.ts';
import type { Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import type { Machine } from './machine.ts';

/** What faults may see of the stack, and where they write down what should not have been. */
export interface CampaignWorld {
  readonly stack: Stack;
  readonly machine: Machine;
  readonly problems: string[];
  /** The process of that name that lives now; waits for one that is on its way. */
  find(name: string): Promise<NamedProcess>;
  status(): Promise<GuardianStatus>;
  /** Resolves when that name is healthy in another process than `oldPid`. */
  replaced(name: string, oldPid: number): Promise<void>;
  /** Resolves when every process is healthy, the spare included. */
  whole(): Promise<void>;
  incidents(component: string): Promise<Incident[]>;
  /** The same, patiently: also while the guardian is away. */
  incidentIds(component: string): Promise<string[]>;
  /** What the guardian last wrote down about it, in its log and in its journal. */
  lastOf(component: string): string[];
}

const HEAL_LIMIT_MS = 120_000;
const LAST_LINES = 8;
const LONGEST_LINE = 500;
const ABSENT = ['not_installed', 'not_started'];

const rowsOf = (status: GuardianStatus): Assignment[] => [...status.kernels, ...status.processes];

export const createCampaignWorld = (stack: Stack, machine: Machine): CampaignWorld => {
  const read = async <T>(path: string): Promise<T> => {
    const answer = await httpCall(stack.url + path, { token: stack.token() });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.json<T>();
  };
  const status = (): Promise<GuardianStatus> => read<GuardianStatus>('/guardian/status');
  const spare = async (): Promise<number | null> =>
    (await read<{ spare_pid: number | null }>('/guardian/health')).spare_pid;

  const find = async (name: string): Promise<NamedProcess> =>
    until(
      `a running ${name}`,
      async () => {
        if (name !== 'spare')
          return (await runningProcesses(stack.home)).find((one) => one.name === name);
        const identity = await identifyProcess((await spare()) ?? 0);
        return identity && { ...identity, name };
      },
      HEAL_LIMIT_MS,
    );

  const incidents = async (component: string): Promise<Incident[]> => {
    const path = `/guardian/incidents?component=${component}&limit=1000`;
    return (await read<{ incidents: Incident[] }>(path)).incidents;
  };

  return {
    stack,
    machine,
    problems: [],
    find,
    status,
    async replaced(name, oldPid) {
      await until(
        `another ${name} than process ${oldPid}`,
        async () => {
          if (name === 'spare') {
            const pid = await spare();
            return pid !== null && pid !== oldPid;
          }
          const row = rowsOf(await status()).find((one) => one.name === name);
          return row?.status === 'healthy' && row.pid !== oldPid;
        },
        HEAL_LIMIT_MS,
      );
    },
    async whole() {
      await until(
        'everything healthy',
        async () => {
          const now = await status();
          const wanted = rowsOf(now).filter((one) => !ABSENT.includes(one.status));
          const bad = wanted.filter((one) => one.status !== 'healthy');
          if (bad.length > 0)
            throw new Error(bad.map((one) => `${one.name} ${one.status} ${one.reason}`).join('; '));
          return now.state === 'running' && (await spare()) !== null;
        },
        HEAL_LIMIT_MS,
      );
    },
    incidents,
    incidentIds: (component) =>
      until('the incidents', async () =>
        (await incidents(component)).map((one) => one.incident_id),
      ),
    lastOf: (component) =>
      ['logs/guardian.log', 'guardian/journal.jsonl'].flatMap((file) =>
        readFileSync(join(stack.home, file), 'utf8')
          .split('\n')
          .filter((line) => line.includes(component))
          .slice(-LAST_LINES)
          .map((line) => line.slice(0, LONGEST_LINE)),
      ),
  };
};
