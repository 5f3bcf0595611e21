import {
  KERNEL_IDS,
  PLAYBOOK_IDS,
  kernelRow,
  type GuardianStatus,
  type HealingResult,
  type KernelId,
} from '@holdfast/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpCall } from '../harness/http-call.ts';
import { runProgram } from '../harness/run-program.ts';
import { SHIPPED_KERNELS, ships } from '../harness/shipped-kernels.ts';
import { until } from '../harness/until.ts';
import { startLive, type LiveStack } from './support/live-stack.ts';

const SWEEP_S = 60;
const QUICK_SWEEP_S = 1;

/** The kernel of the document's own examples; until it ships, another that no kernel needs. */
const LIBRARIAN: KernelId = ships('librarian_kernel') ? 'librarian_kernel' : 'workflow_engine';
const OTHER: KernelId = 'workflow_engine';

interface Healed {
  readonly success: boolean;
  readonly error: string | null;
  readonly healing_result: HealingResult;
}
interface Stats {
  readonly total_healings: number;
  readonly successful_healings: number;
  readonly failed_healings: number;
  readonly automatic_healings: number;
  readonly requested_healings: number;
}

const counts = ({ total_healings, successful_healings, failed_healings }: Stats) => ({
  total_healings,
  successful_healings,
  failed_healings,
});

describe('the guardian and its healing playbooks on a running stack', () => {
  let live: LiveStack;

  const heal = async (body: unknown): Promise<Healed> => {
    const answer = await live.call('/network-healer/heal', { body, timeoutMs: 120_000 });
    expect([200, 500], answer.text).toContain(answer.status);
    return answer.json<Healed>();
  };
  const stats = (): Promise<Stats> => live.read<Stats>('/network-healer/stats');
  const resume = (id: KernelId): Promise<unknown> =>
    live.read('/network-healer/resume', { body: { component_name: id } });

  /** The line of the kernel port document, byte for byte but for the port; nothing says what the body is. */
  const literalCurl = async (): Promise<Healed> => {
    const url = `http://localhost:${8000 + live.stack.offset}/network-healer/heal`;
    const body = `{"component_name": "${LIBRARIAN}"}`;
    const done = await runProgram('curl', ['-sS', '-X', 'POST', url, '-d', body]);
    expect([done.code, done.stderr]).toEqual([0, '']);
    return done.json<Healed>();
  };

  beforeAll(async () => {
    live = await startLive({ local_heal: true });
  });
  afterAll(() => live?.stack.destroy());

  test('15: the sweep of the guardian is every sixty seconds unless told otherwise, and the API shows it', async () => {
    const status = await live.read<GuardianStatus>('/guardian/status');
    expect(status.check_interval_s).toBe(SWEEP_S);
    for (const row of await live.kernels())
      expect(Date.now() - Date.parse(row.last_check!), row.name).toBeLessThan(SWEEP_S * 1_000);
  });

  test('16: a killed librarian is healthy again on its port with a new pid, and nobody asked for it', async () => {
    const { pid, port } = await live.kernel(LIBRARIAN);
    process.kill(pid!, 'SIGKILL');
    const again = await live.healed(LIBRARIAN, pid!, (SWEEP_S + 15) * 1_000);
    expect(again.port).toBe(port);
    expect((await live.atKernel(LIBRARIAN, '/health')).status).toBe(200);
  });

  test('17: a kernel that is held by a stop signal is found and replaced', async () => {
    const { pid } = await live.kernel(LIBRARIAN);
    process.kill(pid!, 'SIGSTOP');
    // Its port still takes connections: this call waits for the next process.
    const answer = await httpCall(
      `http://127.0.0.1:${kernelRow(LIBRARIAN).port + live.stack.offset}/health`,
      { timeoutMs: 2 * SWEEP_S * 1_000 },
    );
    expect(answer.status).toBe(200);
    await live.healed(LIBRARIAN, pid!, 2 * SWEEP_S * 1_000);
  });

  test("18: the document's own curl line on a dead librarian says success only when its port answers", async () => {
    const oldPid = await live.takeDown(LIBRARIAN);
    try {
      const healed = await literalCurl();
      expect(healed, JSON.stringify(healed)).toMatchObject({ success: true, error: null });
      expect((await live.atKernel(LIBRARIAN, '/health')).json()).toMatchObject({
        status: 'ok',
        kernel: kernelRow(LIBRARIAN).name,
      });
      expect((await live.kernel(LIBRARIAN)).pid).not.toBe(oldPid);
    } finally {
      await resume(LIBRARIAN);
    }
  });

  test('19: the same line on a healthy kernel restarts just that kernel', async () => {
    const before = await live.pids();
    expect((await literalCurl()).success).toBe(true);
    const after = await live.pids();
    const changed = Object.keys(before).filter((name) => before[name] !== after[name]);
    expect(changed).toEqual([LIBRARIAN]);
  });

  test('20: the long form of the request is accepted, and the answer lists the restart', async () => {
    const { port } = await live.kernel(LIBRARIAN);
    const healed = await heal({
      component_name: LIBRARIAN,
      port,
      issue_type: 'port_not_listening',
      action: 'restart_component',
    });
    expect(healed.success).toBe(true);
    expect(healed.healing_result.playbooks_executed).toContain('restart_component');
    expect(healed.healing_result.issue).toEqual({
      component: LIBRARIAN,
      port,
      type: 'port_not_listening',
    });
  });

  test('21: exactly four playbooks are listed', async () => {
    const listed = await live.read<{
      total_playbooks: number;
      playbooks: { playbook_id: string; description: string }[];
    }>('/guardian/playbooks');
    expect(listed.total_playbooks).toBe(4);
    expect(listed.playbooks.map((one) => one.playbook_id).toSorted()).toEqual(
      [...PLAYBOOK_IDS].toSorted(),
    );
    expect(listed.playbooks.every((one) => one.description.length > 0)).toBe(true);
  });

  test('22: a diagnosis of a dead kernel says that nobody listens, touches no process and is no repair', async () => {
    const oldPid = await live.takeDown(OTHER);
    try {
      const before = { pids: await live.pids(), stats: await stats() };
      const healed = await heal({ component_name: OTHER, issue_type: 'network_unreachable' });
      expect(healed.success).toBe(false);
      expect(healed.healing_result.overall_success).toBe(false);
      expect(healed.healing_result.playbooks_executed).toEqual(['diagnose_network']);
      expect(JSON.stringify(healed.healing_result.results[0]!.details)).toContain(
        '"listening":false',
      );
      expect(await live.pids()).toEqual(before.pids);
      expect((await stats()).successful_healings).toBe(before.stats.successful_healings);
    } finally {
      await resume(OTHER);
    }
    await live.healed(OTHER, oldPid);
  });

  test('26: an unknown component, an unknown issue and a second heal at the same time are refused by name', async () => {
    const post = (body: unknown) => live.call('/network-healer/heal', { body });
    const unknown = await post({ component_name: 'nobody' });
    expect([unknown.status, unknown.json()['code']]).toEqual([404, 'component_unknown']);
    const issue = await post({ component_name: LIBRARIAN, issue_type: 'bad_mood' });
    expect([issue.status, issue.json()['code']]).toEqual([422, 'invalid_input']);
    const both = await Promise.all([
      post({ component_name: LIBRARIAN }),
      post({ component_name: LIBRARIAN }),
    ]);
    expect(both.map((one) => one.status).toSorted()).toEqual([200, 409]);
    expect(both.find((one) => one.status === 409)!.json()['code']).toBe('healing_in_progress');
  });

  test('27: stats and history count every heal, failures too, and survive the main API and the guardian', async () => {
    const before = await stats();
    const records = (await live.history(LIBRARIAN)).length;
    await heal({ component_name: LIBRARIAN });
    await heal({ component_name: LIBRARIAN, action: 'diagnose_network' });
    const after = await stats();
    expect(counts(after)).toEqual({
      total_healings: before.total_healings + 2,
      successful_healings: before.successful_healings + 1,
      failed_healings: before.failed_healings + 1,
    });
    expect(after.automatic_healings + after.requested_healings).toBe(after.total_healings);
    const history = await live.history(LIBRARIAN);
    expect(history).toHaveLength(records + 2);
    expect(history.slice(0, 2).map((one) => [one.trigger, one.success])).toEqual([
      ['requested', false],
      ['requested', true],
    ]);
    for (const name of ['gateway', 'guardian']) {
      const pid = (await live.pids())[name]!;
      process.kill(pid, 'SIGKILL');
      await until(`a new ${name}`, async () => {
        const now = (await live.pids())[name];
        return now !== null && now !== pid;
      });
      expect(await live.history(LIBRARIAN)).toEqual(history);
    }
    expect((await stats()).requested_healings).toBe(after.requested_healings);
  });

  test('28: the guardian watches kernels only: no route is a component', async () => {
    const { kernels, apis } =
      await live.read<Record<'kernels' | 'apis', object>>('/kernel-ports/port-map');
    expect(apis).toEqual({});
    for (const name of Object.keys(kernels)) expect(KERNEL_IDS).toContain(name);
    const all = '/kernel-ports/assignments?include_apis=true';
    const { assignments } = await live.read<{ assignments: { name: string }[] }>(all);
    for (const { name } of assignments) expect(KERNEL_IDS).toContain(name);
    expect(await live.read('/kernel-ports/health-check?include_apis=true')).toMatchObject({
      total_apis: 0,
    });
  });

  test('29: metrics on a kernel port give uptime, requests and restarts, and the main API agrees', async () => {
    for (const id of SHIPPED_KERNELS) {
      const text = (await live.atKernel(id, '/metrics')).text;
      const number = (name: RegExp): number | undefined => {
        const found = [...text.matchAll(new RegExp(`^${name.source}(?:{[^}]*})? (\\S+)$`, 'gm'))];
        return found.length === 0
          ? undefined
          : found.reduce((sum, match) => sum + Number(match[1]), 0);
      };
      const { assignments } = await live.read<{
        assignments: { name: string; uptime_s: number; requests: number; restarts: number }[];
      }>('/kernel-ports/metrics');
      const row = assignments.find((one) => one.name === id)!;
      expect(number(/holdfast_restarts_total/), `${id}: ${text}`).toBe(row.restarts);
      expect(number(/holdfast_uptime_seconds/)! - row.uptime_s).toBeLessThan(5);
      const asked = number(/holdfast_request_seconds_count/);
      expect(asked).toEqual(expect.any(Number));
      expect(row.requests, id).toEqual(expect.any(Number));
      // The guardian hears of requests with each pong: it is at most a little behind.
      if (asked === 0) expect(row.requests).toBe(0);
    }
  });

  test('30: each automatic heal is one incident with its playbook, its actions and its true duration', async () => {
    const before = await live.incidents(OTHER);
    const { pid } = await live.kernel(OTHER);
    process.kill(pid!, 'SIGKILL');
    await live.healed(OTHER, pid!);
    const incidents = await until('the incident resolved', async () => {
      const now = await live.incidents(OTHER);
      return now.length > before.length && now.every((one) => one.resolved_at !== null) && now;
    });
    expect(incidents).toHaveLength(before.length + 1);
    const incident = incidents[0]!;
    expect(incident).toMatchObject({
      component: OTHER,
      status: 'resolved',
      failure_mode: 'process_crashed',
      playbook_id: 'restart_component',
      success: true,
    });
    expect(incident.actions_taken.length).toBeGreaterThan(0);
    const detected = Date.parse(incident.detected_at);
    const resolved = Date.parse(incident.resolved_at!);
    expect(detected).toBeLessThan(resolved);
    expect(incident.mttr_seconds).toBeCloseTo((resolved - detected) / 1_000, 3);
  });
});

describe('with a quick sweep', () => {
  let live: LiveStack;

  beforeAll(async () => {
    live = await startLive({ check_interval_s: QUICK_SWEEP_S });
  });
  afterAll(() => live?.stack.destroy());

  test('15: the last check of each kernel moves on at the interval that is shown', async () => {
    const status = await live.read<GuardianStatus>('/guardian/status');
    expect(status.check_interval_s).toBe(QUICK_SWEEP_S);
    for (const { name, last_check } of await live.kernels())
      await until(
        `a later check of ${name}`,
        async () => (await live.kernel(name as KernelId)).last_check! > last_check!,
        (QUICK_SWEEP_S + 15) * 1_000,
      );
  });
});
