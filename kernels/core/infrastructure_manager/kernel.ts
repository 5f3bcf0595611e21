import { HoldfastError, infrastructureApi } from '@holdfast/contracts';
import { createIdempotency, defineKernel, type Call } from '@holdfast/sdk';
import { createSetBaseline } from './baseline/set-baseline.ts';
import { readBaseline } from './baseline/stored-baseline.ts';
import { createAgentChannel, type AgentChannel } from './channel/agent-channel.ts';
import { openStepTasks, type StepTasks } from './channel/step-tasks.ts';
import { configFromProfile, infrastructureConfig } from './config.ts';
import { createChangeDriver } from './driver/change-driver.ts';
import { listDependencies } from './drift/dependency-rows.ts';
import { readDrift, unscannedDrift } from './drift/drift-store.ts';
import { createEnrolAgent } from './enrolment/enrol-agent.ts';
import { issueToken } from './enrolment/enrolment-tokens.ts';
import { runHealthWatch } from './hosts/health-watch.ts';
import { openHostRegistry } from './hosts/host-registry.ts';
import { createHostReports } from './hosts/host-reports.ts';
import { createHostStatusKeeper } from './hosts/host-status.ts';
import { createRegisterHost } from './hosts/register-host.ts';
import { readInventories } from './inventory/inventory-store.ts';
import { infrastructureMigrations } from './migrations.ts';
import { pageOf } from './page.ts';
import { createScanner } from './scan/scan-host.ts';
import { createScanSchedule } from './scan/scan-schedule.ts';

/** Hosts, agents, inventory, baselines and drift, and the change driver of packages. */
export const infrastructureManager = defineKernel({
  id: 'infrastructure_manager',
  api: infrastructureApi,
  config: { schema: infrastructureConfig, fromProfile: configFromProfile },
  needs: {},
  subscribes: [],
  migrations: infrastructureMigrations,
  async init(context) {
    const { store, clock } = context;
    const hosts = await openHostRegistry(context, {
      isConnected: (host) => channel.isConnected(host),
      isUpdating: (host) => tasks.isBusy(host),
    });
    const status = createHostStatusKeeper(context, hosts);
    const tasks: StepTasks = await openStepTasks(context, (host, task_id, order) =>
      channel.send(host, {
        type: 'task',
        task_id,
        task: {
          type: 'apply_step',
          step_key: order.step,
          action: order.action,
          timeout_ms: order.timeout_ms,
        },
      }),
    );
    const reports = createHostReports(hosts, status);
    const channel: AgentChannel = createAgentChannel(context, {
      keyOf: (host) => hosts.find(host)?.publicKey,
      async onConnect(host, version) {
        tasks.reconnected(host);
        await reports.connected(host, version);
      },
      async onReport(host, message) {
        await reports.take(host, message);
        if (message.type === 'facts') schedule.scanSoon(host);
      },
      onStepResult: (host, result) => tasks.finish(host, result),
    });
    const scanner = createScanner(context, hosts, channel);
    const schedule = createScanSchedule(context, hosts, scanner, {
      isConnected: (host) => channel.isConnected(host),
      isBusy: (host) => tasks.isBusy(host),
    });
    const driver = createChangeDriver(context, { hosts, channel, scanner, tasks });
    const idempotency = createIdempotency(store, clock);
    const registerHost = createRegisterHost(context, hosts, idempotency);
    const setBaseline = createSetBaseline(context, hosts, channel, scanner);
    const enrolAgent = createEnrolAgent(context, hosts, channel);
    let running: Promise<unknown> = Promise.resolve();

    const idOf = (idOrAlias: string): string => hosts.resolve(idOrAlias).record.id;

    return {
      handlers: {
        async listHosts(input) {
          const views = hosts.all().map((state) => hosts.view(state));
          const shown = views.filter((host) => !input.status || host.status === input.status);
          return pageOf(shown, input);
        },
        getHost: async ({ id }) => hosts.view(hosts.resolve(id)),
        registerHost,
        async createEnrolment(input, call: Call) {
          const grant = { alias: input.alias ?? null, host: null, created_by: call.principal.id };
          const { token, expires_at, statements, event } = issueToken(grant, clock.now());
          await context.commit(statements, [event]);
          return { token, expires_at };
        },
        enrolAgent,
        async scanHost({ id }, call) {
          const { drift } = await scanner.scan(idOf(id), { actor: call.principal.id });
          return drift;
        },
        setBaseline,
        async getBaseline({ id }) {
          const host = idOf(id);
          const baseline = await readBaseline(store, host);
          if (!baseline) throw new HoldfastError('baseline_missing', { id: host });
          return baseline;
        },
        async getDrift({ id }) {
          const host = idOf(id);
          return (await readDrift(store, host))?.drift ?? unscannedDrift(host, null);
        },
        async getInventory({ id }) {
          const host = idOf(id);
          return { host, inventories: await readInventories(store, host) };
        },
        async listDependencies(input) {
          const host = input.host === undefined ? undefined : idOf(input.host);
          return listDependencies(store, { ...input, host });
        },
        ...driver,
      },
      start() {
        running = Promise.all([
          runHealthWatch(context, hosts, status),
          schedule.run(),
          channel.watch(),
        ]);
      },
      upgrade: (request, socket, head) => channel.upgrade(request, socket, head),
      metrics: () => [
        '# TYPE holdfast_hosts gauge',
        `holdfast_hosts ${hosts.all().length}`,
        '# TYPE holdfast_agents_connected gauge',
        `holdfast_agents_connected ${channel.connections()}`,
      ],
      async stop() {
        await channel.close();
        await running;
        await hosts.saveHeartbeats();
      },
    };
  },
});
