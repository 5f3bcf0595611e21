import { modeKeeperApi } from '@holdfast/contracts';
import { createFenceGuard, defineKernel } from '@holdfast/sdk';
import { createClusters, isConfigured, whyNoCluster } from './cluster/clusters.ts';
import { modeKeeperConfig, modeKeeperNeeds } from './config.ts';
import { createStepStore } from './driver/step-store.ts';
import { createTuneDriver } from './driver/tune-driver.ts';
import { modeKeeperMigrations } from './migrations.ts';
import { createObservationStore } from './observations/observation-store.ts';
import { createObserveLoop } from './observations/observe-loop.ts';
import { createObserver } from './observations/observer.ts';
import { offsetOf, pageAt } from './page.ts';
import type { Parts } from './parts.ts';
import { createReadSamples } from './samples/read-samples.ts';
import { registerWorkload, removeWorkload } from './workloads/register-workload.ts';
import { createWorkloadStore } from './workloads/workload-store.ts';

/** Watches workloads of a cluster, proposes how to tune them, and carries out what was approved. */
export const modeKeeper = defineKernel({
  id: 'mode_keeper',
  api: modeKeeperApi,
  config: modeKeeperConfig,
  needs: modeKeeperNeeds,
  subscribes: [],
  migrations: modeKeeperMigrations,
  async init(context) {
    const { store, clock } = context;
    const fences = createFenceGuard(store, clock);
    const workloads = createWorkloadStore(store);
    const clusters = createClusters(context);
    const readSamples = createReadSamples(context, clusters);
    const steps = createStepStore(store, clock, fences);
    const parts: Parts = { context, workloads, clusters, readSamples, steps };
    const observations = createObservationStore(store);
    const observer = createObserver(parts, observations);
    const loop = createObserveLoop(parts, observer.observe);
    const driver = createTuneDriver(parts, fences);
    let watching: Promise<void> | undefined;

    return {
      handlers: {
        async listWorkloads(request) {
          const all = await workloads.all();
          const offset = offsetOf(request);
          return pageAt(all.slice(offset, offset + request.limit), offset, all.length);
        },
        getWorkload: ({ id }) => workloads.load(id),
        async registerWorkload(input, { principal }) {
          const registered = await registerWorkload(context, workloads, input, principal.id);
          loop.wake();
          return registered;
        },
        async removeWorkload({ id }, { principal }) {
          await removeWorkload(context, workloads, id, principal.id);
          loop.wake();
          return { removed: true };
        },
        observeWorkload: ({ id }, { principal }) => observer.observe(id, principal.id),
        async listObservations({ id, ...request }) {
          await workloads.load(id);
          return observations.page(id, request);
        },
        ...driver.handlers,
      },
      start() {
        watching = loop.run();
      },
      busy() {
        if (driver.busy()) return 'a workload is being changed';
        return loop.watched() > 0 ? 'workloads are watched' : undefined;
      },
      // A cluster that is away does not make the kernel ill: a restart would not help.
      health: async () => [
        {
          name: 'cluster',
          ok: true,
          detail: isConfigured(context.config) ? 'configured' : whyNoCluster(context.config),
        },
        loop.health(),
      ],
      metrics: () => [
        '# TYPE holdfast_mode_keeper_workloads gauge',
        `holdfast_mode_keeper_workloads ${loop.watched()}`,
      ],
      async stop() {
        await watching;
        await driver.ended();
        await observer.ended();
      },
    };
  },
});
