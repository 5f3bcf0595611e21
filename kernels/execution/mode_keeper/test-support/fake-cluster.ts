import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startApiDouble,
  trainerWorld,
  type DoubleObject,
  type World,
} from '@holdfast/kube/doubles';

/** What the cluster can be told to get wrong. Counts fall with each use. */
export interface ClusterFaults {
  /** So many stored patches are never answered: the connection breaks instead. */
  lostAnswers: number;
  /** So many patches break before they are stored. */
  lostPatches: number;
  /** Every connection breaks. */
  down: boolean;
  /** New pods never become available. */
  stuck: boolean;
  /** Called before each patch is stored; who changes the object here makes it a conflict. */
  onPatch: (() => void | Promise<void>) | undefined;
  /** Called before each read, which waits for it. */
  onRead: ((url: string) => void | Promise<void>) | undefined;
}

export interface FakeCluster {
  readonly world: World;
  readonly faults: ClusterFaults;
  /** Bodies of the patches that were stored, in order. */
  readonly stored: Record<string, unknown>[];
  /** Dry runs that were asked for. */
  dryRuns: number;
  /** How often something was read. */
  reads: number;
  /** The lines that the pod of the trainer has logged by now; replace it to change how it trains. */
  log: (knobs: Readonly<Record<string, string>>) => string[];
  /** The deployment of the trainer, or whatever stands in its place. */
  trainer(): DoubleObject;
  /** Knobs on its pod template. */
  knobs(): Record<string, string>;
  /** Somebody else changes the trainer: what is given replaces fields of it. */
  touch(change: (object: DoubleObject) => void): void;
  /** The path of a kubeconfig for it. */
  readonly kubeconfig: string;
  close(): Promise<void>;
}

const KNOB = 'modekeeper/knob.';
const LOGGED_S = 30;

/** Lines of a trainer that makes a step each second and does not get worse. */
export const steadyLog = (stepTimeMs = 100, throughput = 640): string[] =>
  Array.from({ length: LOGGED_S + 1 }, (_, index) => {
    const ts = new Date(Date.now() - (LOGGED_S - index) * 1000).toISOString();
    return JSON.stringify({ ts, step: index, step_time_ms: stepTimeMs, throughput, loss: 1 });
  });

/** The same with a loss that grows: it drifts. */
export const driftingLog = (): string[] =>
  steadyLog().map((line, index) => {
    const record = JSON.parse(line) as Record<string, unknown>;
    return JSON.stringify({ ...record, loss: 1 + index * 0.05 });
  });

interface Annotated {
  metadata?: { annotations?: Record<string, string> };
}

const templateOf = ({ spec }: DoubleObject): Annotated => (spec?.['template'] ?? {}) as Annotated;

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

/** What controllers do once a patch is stored: generation and status follow the specification. */
const reconcile = (object: DoubleObject, isSpecNew: boolean, stuck: boolean): void => {
  const metadata = object.metadata as DoubleObject['metadata'] & { generation?: number };
  if (isSpecNew) metadata.generation = (metadata.generation ?? 1) + 1;
  const replicas = Number(object.spec?.['replicas'] ?? 1);
  const available = stuck && isSpecNew ? 0 : replicas;
  object.status = {
    observedGeneration: metadata.generation,
    replicas,
    updatedReplicas: replicas,
    availableReplicas: available,
  };
  metadata.resourceVersion = String(Number(metadata.resourceVersion ?? 0) + 1);
};

/** A cluster of one trainer behind a real HTTP server, through which calls can be lost at any point. */
export const startFakeCluster = async (
  knobs: Readonly<Record<string, string>> = {},
): Promise<FakeCluster> => {
  const annotations = Object.fromEntries(
    Object.entries(knobs).map(([knob, value]) => [`${KNOB}${knob}`, value]),
  );
  const world = trainerWorld({ annotations });
  const index = world.objects.findIndex(({ kind }) => kind === 'Deployment');
  const trainer = (): DoubleObject => world.objects[index]!;
  Object.assign(trainer().metadata, { uid: 'uid-1', generation: 1 });
  reconcile(trainer(), false, false);
  const double = await startApiDouble({ world });

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/' } = request;
    const body = await bodyOf(request);
    const isDry = url.includes('dryRun=All');
    const isPatch = method === 'PATCH' && !isDry;
    if (method === 'GET') {
      fake.reads += 1;
      await fake.faults.onRead?.(url);
    }
    if (method === 'PATCH' && isDry) fake.dryRuns += 1;
    if (isPatch) await fake.faults.onPatch?.();
    if (fake.faults.down || (isPatch && fake.faults.lostPatches > 0)) {
      if (isPatch) fake.faults.lostPatches -= 1;
      return void request.socket.destroy();
    }
    const specBefore = JSON.stringify(trainer().spec);
    const answer = await fetch(double.url + url, {
      method,
      headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
      ...(method === 'GET' ? {} : { body }),
    });
    const text = await answer.text();
    if (isPatch && answer.ok) {
      fake.stored.push(JSON.parse(body) as Record<string, unknown>);
      reconcile(trainer(), specBefore !== JSON.stringify(trainer().spec), fake.faults.stuck);
      if (fake.faults.lostAnswers > 0) {
        fake.faults.lostAnswers -= 1;
        return void request.socket.destroy();
      }
    }
    response.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? 'application/json',
    });
    response.end(text);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-cluster-'));
  const kubeconfig = join(folder, 'config');
  const { port } = server.address() as AddressInfo;
  writeFileSync(kubeconfig, double.kubeConfig.replaceAll(double.url, `http://127.0.0.1:${port}`));

  const fake: FakeCluster = {
    world,
    faults: {
      lostAnswers: 0,
      lostPatches: 0,
      down: false,
      stuck: false,
      onPatch: undefined,
      onRead: undefined,
    },
    stored: [],
    dryRuns: 0,
    reads: 0,
    log: () => steadyLog(),
    trainer,
    knobs: () =>
      Object.fromEntries(
        Object.entries(templateOf(trainer()).metadata?.annotations ?? {})
          .filter(([key]) => key.startsWith(KNOB))
          .map(([key, value]) => [key.slice(KNOB.length), value]),
      ),
    touch(change) {
      const object = structuredClone(trainer());
      const specBefore = JSON.stringify(object.spec);
      change(object);
      reconcile(object, specBefore !== JSON.stringify(object.spec), false);
      world.objects[index] = object;
    },
    kubeconfig,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await double.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  Object.defineProperty(world.logs, 'default/trainer-1', { get: () => fake.log(fake.knobs()) });
  return fake;
};
