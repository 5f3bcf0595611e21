import {
  EVENT_TYPES,
  KERNEL_TABLE,
  guardianApi,
  isHoldfastError,
  kernelPortsApi,
  kernelRow,
  networkHealerApi,
  type Assignment,
  type KernelId,
  type Op,
  type Principal,
  LOCAL_CALLER,
} from '@holdfast/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StackHandlers } from './handlers/handler-types.ts';
import { createGuardianHandlers } from './handlers.ts';
import type { PortsView } from './ports-view.ts';
import { createFakeComponents } from './test-support/fake-components.ts';
import { createHealingWorld, type HealingWorld } from './test-support/healing-world.ts';

const OPS: Readonly<Record<string, Op>> = {
  ...networkHealerApi.ops,
  ...kernelPortsApi.ops,
  ...guardianApi.ops,
};
const OPERATOR: Principal = { id: 'owner', kind: 'human', role: 'owner' };
const KERNELS = KERNEL_TABLE.map((row) => row.id).filter(
  (id) => !['ai_runtime', 'memory_kernel'].includes(id),
);

let world: HealingWorld;
const forgotten: KernelId[] = [];
const paused = new Map<KernelId | 'all', Date>();

const assignment = (id: KernelId): Assignment => {
  const { status, reason, pid, failures, restarts } = world.components.state(id);
  const port = status === 'not_installed' ? null : world.components.portOf(id)!;
  return {
    name: id,
    port,
    tier: kernelRow(id).tier,
    status,
    reason,
    pid: pid ?? null,
    started_at: null,
    last_check: null,
    failures,
    restarts,
    health_url: port === null ? null : `http://127.0.0.1:${port}/health`,
    metrics_url: null,
  };
};

const ports: PortsView = {
  assignments: () => KERNEL_TABLE.map((row) => assignment(row.id)),
  state: () => 'running',
  portRange: () => '8100-8149',
  measure: async (id) => (id === 'scheduler' ? { uptime_s: 5, requests: 7 } : undefined),
  checkAll: async () => {},
  resetFailures: (id) => void forgotten.push(id),
  paused: () => paused,
  pause: (id, forMs) => {
    const until = new Date(Date.now() + forMs);
    paused.set(id ?? 'all', until);
    return until;
  },
  resume: (id) => void (id === undefined ? paused.clear() : paused.delete(id)),
};

const stack: StackHandlers = {
  getGuardianStatus: () => Promise.reject(new Error('not asked here')),
  getGuardianHealth: () => Promise.reject(new Error('not asked here')),
  reload: async () => ({ reloaded: [], guardian_follows: false }),
  stopStack: async () => ({ stopping: true }),
  getActiveConfig: async () => ({
    active: { profile: 'user', overrides: {}, revision: 'r', change: null },
    effective: {},
    settled: true,
  }),
  checkConfig: () => Promise.reject(new Error('not asked here')),
  putConfig: () => Promise.reject(new Error('not asked here')),
};

/** As the gateway asks: input through the schema; and what is answered must be of the schema too. */
const ask = async (
  name: string,
  input: object = {},
  principal: Principal = OPERATOR,
): Promise<ReturnType<typeof JSON.parse>> => {
  const handlers = createGuardianHandlers({
    ...world,
    ports,
    stack,
    mttrTargetS: 120,
  }) as unknown as Record<string, (input: unknown, principal: Principal) => Promise<unknown>>;
  const op = OPS[name]!;
  const answer = await handlers[name]!(op.input.parse(input), principal);
  expect(op.output.parse(JSON.parse(JSON.stringify(answer)))).toEqual(answer);
  return answer;
};
const refusal = (name: string, input: object, principal?: Principal) =>
  ask(name, input, principal).then(
    () => 'nothing',
    (error: unknown) => (isHoldfastError(error) ? error.code : String(error)),
  );

beforeEach(async () => {
  world = await createHealingWorld({ components: createFakeComponents({ kernels: KERNELS }) });
  paused.clear();
  forgotten.length = 0;
});
afterEach(() => world.dispose());

test('every operation without a needed input answers as its schema says, before anything happened', async () => {
  const needInput = [
    ...['getPort', 'getTier', 'resetFailures', 'heal', 'getRecommendations'],
    ...['checkConfig', 'putConfig'],
  ];
  const ofStack = ['getGuardianStatus', 'getGuardianHealth'];
  const plain = Object.keys(OPS).filter((one) => ![...needInput, ...ofStack].includes(one));
  expect(plain.length).toBeGreaterThan(20);
  for (const name of plain) await ask(name);
});

test('lists the kernels of this stack by port, and each of the table by its name', async () => {
  const all = await ask('getAssignments');
  expect(all.total).toBe(KERNELS.length);
  expect(all.assignments.map((one: Assignment) => one.name)).toEqual(KERNELS);
  expect(await ask('getTier', { tier: 'services' })).toMatchObject({ count: 3 });
  expect(await ask('getAssignments', { tier: 'agentic' })).toMatchObject({ total: 5 });
  expect(await ask('getPort', { name: 'librarian' })).toMatchObject({ name: 'librarian_kernel' });
  expect(await ask('getPort', { name: 'memory_kernel' })).toMatchObject({
    status: 'not_installed',
    port: null,
  });
  const { kernels, apis } = await ask('getPortMap');
  expect(Object.keys(kernels)).toHaveLength(KERNELS.length);
  expect(apis).toEqual({});
  expect(await refusal('getPort', { name: 'nobody' })).toBe('component_unknown');
  expect(await refusal('getTier', { tier: 'nowhere' })).toBe('tier_unknown');
  expect(await refusal('getAssignments', { tier: 'nowhere' })).toBe('tier_unknown');
});

test('counts what is healthy, failed, idle and not installed, each once', async () => {
  world.components.set('scheduler', { status: 'restarting', reason: 'gone' });
  world.components.set('librarian_kernel', { status: 'idle' });
  world.components.set('audit_trail', { status: 'starting' });
  const counts = await ask('checkKernels');
  expect(counts).toMatchObject({
    total_kernels: KERNELS.length,
    healthy: KERNELS.length - 3,
    unhealthy: 1,
    not_started: 1,
    idle: 1,
    not_installed: 2,
    failed_components: ['scheduler'],
    by_tier: { execution: { unhealthy: 1 }, agentic: { idle: 1 }, governance: { not_started: 1 } },
  });
  expect((await ask('getPortStatus')).summary).toMatchObject({ healthy: counts.healthy });
});

test('shows uptime and requests where they were measured and null where not', async () => {
  const { assignments } = await ask('getPortMetrics');
  const of = (name: string) => assignments.find((one: { name: string }) => one.name === name);
  expect(of('scheduler')).toMatchObject({ uptime_s: 5, requests: 7, type: 'kernel' });
  expect(of('governance')).toMatchObject({ uptime_s: null, requests: null });
});

test('heals under a short name, as the seed writes it, and counts it everywhere alike', async () => {
  const body = {
    component_name: 'librarian',
    port: 8130,
    issue_type: 'port_not_listening',
    action: 'restart_component',
  };
  expect(await ask('heal', body)).toMatchObject({
    success: true,
    component: 'librarian_kernel',
    port: 8130,
    healing_result: { playbooks_executed: ['restart_component'] },
  });
  world.components.refuseRestart('scheduler', 'its entry is broken');
  expect(await ask('heal', { component_name: 'scheduler' })).toMatchObject({ success: false });
  expect(await ask('getHealingStats')).toMatchObject({
    total_healings: 2,
    successful_healings: 1,
    failed_healings: 1,
    requested_healings: 2,
    success_rate: 50,
    playbook_stats: { restart_component: { executions: 2, successes: 1, failures: 1 } },
  });
  expect(await ask('getHealingHistory', { component_name: 'librarian' })).toMatchObject({
    total_records: 1,
    component_filter: 'librarian_kernel',
  });
  expect(await ask('listRecentFailures')).toMatchObject({
    total: 1,
    failures: [{ component: 'scheduler' }],
  });
  expect(await ask('getHealerStats')).toMatchObject({ summary: { successful: 1, failed: 1 } });
  expect(await ask('getPlaybookStats')).toMatchObject({ clear_port: { success_rate: null } });
});

test('tells of a heal that runs, and refuses another', async () => {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  await world.dispose();
  world = await createHealingWorld({ components: createFakeComponents({ gate: () => gate }) });
  const first = ask('heal', { component_name: 'scheduler', issue_type: 'process_crashed' });
  expect(await ask('getActiveHealings')).toMatchObject({
    count: 1,
    active_healings: { scheduler: { issue: 'process_crashed' } },
  });
  expect(await refusal('heal', { component_name: 'scheduler' })).toBe('healing_in_progress');
  release();
  await first;
  expect(await refusal('heal', { component_name: 'nobody' })).toBe('component_unknown');
});

test('refuses to heal what is not to run, and input that it does not know', async () => {
  expect(await refusal('heal', { component_name: 'ai_runtime' })).toBe('component_not_started');
  expect(() => OPS.heal!.input.parse({ component_name: 'x', issue_type: 'gremlins' })).toThrow();
});

test('heals all that is down, one after the other, and says what it could not', async () => {
  expect(await ask('autoHeal')).toMatchObject({ success: true, total_components: 0 });
  world.components.set('scheduler', { status: 'failed', reason: 'gone' });
  world.components.set('audit_trail', { status: 'unhealthy', reason: 'no answer' });
  world.components.set('librarian_kernel', { status: 'idle' });
  world.components.loseSocket('governance', { pid: 1, startTime: 'x', name: 'foreign' });
  world.components.refuseRestart('governance', 'its port is taken');
  const answer = await ask('autoHeal');
  expect(answer).toMatchObject({
    success: false,
    total_components: 3,
    components_healed: 2,
    components_failed: 1,
  });
  expect(
    answer.results.map((one: ReturnType<typeof JSON.parse>) => [
      one.component,
      one.healing_result.issue.type,
    ]),
  ).toEqual([
    ['governance', 'port_conflict'],
    ['audit_trail', 'port_not_listening'],
    ['scheduler', 'process_crashed'],
  ]);
});

test('recommends what fits the state, and nothing for a healthy kernel', async () => {
  expect(await ask('getRecommendations', { name: 'scheduler' })).toMatchObject({
    recommendations: [],
  });
  world.components.set('scheduler', { status: 'failed', reason: 'gone', failures: 4 });
  const { recommendations } = await ask('getRecommendations', { name: 'scheduler' });
  expect(
    recommendations.map((one: ReturnType<typeof JSON.parse>) => [one.issue_type, one.playbooks]),
  ).toEqual([
    ['process_crashed', ['restart_component']],
    ['connection_timeout', ['diagnose_network', 'clear_port', 'restart_component']],
  ]);
});

test('mean times to repair are those of the incidents', async () => {
  expect(await ask('getGuardianStats')).toMatchObject({
    mttr: { count: 0, mttr_seconds: null },
    overall_health: { status: 'healthy', mttr_target_seconds: 120, target_met: null },
  });
  world.watch.down('scheduler', { mode: 'connection_timeout', why: 'no answer' });
  world.watch.attempt('scheduler', 1);
  world.watch.recovered('scheduler', 7);
  const { incidents } = await ask('listIncidents', { component: 'scheduler', status: 'resolved' });
  const seconds = incidents[0].mttr_seconds;
  const row = { count: 1, mttr_seconds: seconds, min_seconds: seconds, max_seconds: seconds };
  expect(await ask('getMttrByIssueType')).toEqual({ connection_timeout: row });
  expect(await ask('getMttrByPlaybook')).toEqual({ restart_component: row });
  expect(await ask('getGuardianStats')).toMatchObject({ overall_health: { target_met: true } });
  expect(await ask('listIncidents', { component: 'gateway' })).toEqual({ total: 0, incidents: [] });
  expect(await refusal('listIncidents', { component: 'nobody' })).toBe('component_unknown');
  expect(await ask('listPlaybooks')).toMatchObject({ total_playbooks: 4 });
});

test('pauses, resumes, resets, reloads and stops are told with their actor', async () => {
  await ask('pauseHealing', { component_name: 'librarian', for_s: 60 });
  expect([...paused.keys()]).toEqual(['librarian_kernel']);
  expect((await ask('getHealingStats')).paused).toHaveProperty('librarian_kernel');
  await ask('resumeHealing', { component_name: 'librarian' });
  await ask('resetFailures', { name: 'scheduler' });
  expect(forgotten).toEqual(['scheduler']);
  await ask('reload', { component: 'scheduler' });
  await ask('stopStack');
  expect(world.events().map((one) => [one.type, one.actor])).toEqual(
    [
      EVENT_TYPES.healingPaused,
      EVENT_TYPES.healingResumed,
      EVENT_TYPES.failuresReset,
      EVENT_TYPES.reloadFinished,
      EVENT_TYPES.stopRequested,
    ].map((type) => [type, 'owner']),
  );
});

test('a caller without a token may have a kernel healed, and not moved', async () => {
  const component_name = KERNELS[0];
  for (const lasting of [{ action: 'rebind_port' }, { issue_type: 'port_conflict' }])
    expect(await refusal('heal', { component_name, ...lasting }, LOCAL_CALLER)).toBe('forbidden');
  expect(await refusal('heal', { component_name }, LOCAL_CALLER)).toBe('nothing');
});
