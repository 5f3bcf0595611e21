import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { callApi } from './call-api.mjs';
import { writeClusterFiles } from './cluster-files.mjs';
import { freePorts } from './free-ports.mjs';
import { startPart } from './part.mjs';
import { isSettled, seedCluster } from './seed-cluster.mjs';
import { VERSIONS } from './versions.mjs';

const START_LIMIT_MS = 180_000;
const PAUSE_MS = 50;
const LOOPBACK = '127.0.0.1';
const PORT_TAKEN = /address already in use/;
const TRIES = 3;

/** Flags of every part, in the order of starting. */
const flagsOf = (folder, files, [client, peer, api, kubelet]) => ({
  etcd: {
    name: 'default',
    'data-dir': join(folder, 'etcd'),
    'listen-client-urls': `http://${LOOPBACK}:${client}`,
    'advertise-client-urls': `http://${LOOPBACK}:${client}`,
    'listen-peer-urls': `http://${LOOPBACK}:${peer}`,
    'initial-advertise-peer-urls': `http://${LOOPBACK}:${peer}`,
    'initial-cluster': `default=http://${LOOPBACK}:${peer}`,
    'unsafe-no-fsync': true,
    'log-level': 'warn',
  },
  'kube-apiserver': {
    'etcd-servers': `http://${LOOPBACK}:${client}`,
    'bind-address': LOOPBACK,
    'secure-port': api,
    'cert-dir': files.certificates,
    'token-auth-file': files.tokens,
    'authorization-mode': 'RBAC',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': files.serviceAccountPublicKey,
    'service-account-signing-key-file': files.serviceAccountKey,
    'service-cluster-ip-range': '10.96.0.0/16',
    'endpoint-reconciler-type': 'none',
    'kubelet-preferred-address-types': 'InternalIP',
  },
  'kube-controller-manager': {
    kubeconfig: files.kubeconfigs.admin,
    'root-ca-file': files.authority,
    'service-account-private-key-file': files.serviceAccountKey,
    'leader-elect': false,
    'secure-port': 0,
  },
  'kube-scheduler': {
    kubeconfig: files.kubeconfigs.admin,
    'leader-elect': false,
    'secure-port': 0,
  },
  kwok: {
    kubeconfig: files.kubeconfigs.admin,
    config: files.fakeKubelet,
    'manage-all-nodes': true,
    'node-lease-duration-seconds': 40,
    'node-ip': LOOPBACK,
    'node-port': kubelet,
    'server-address': `${LOOPBACK}:${kubelet}`,
  },
});

const keepLogs = (folder) => {
  if (!process.env.HOLDFAST_KEEP_LOGS) return;
  const target = join(process.env.HOLDFAST_KEEP_LOGS, basename(folder));
  mkdirSync(target, { recursive: true });
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.log')))
    cpSync(join(folder, file), join(target, file));
};

const startOnce = async (program, nodes, signal) => {
  const started = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-k8s-'));
  const parts = [];
  const stop = async () => {
    // In turn: a server whose callers are gone ends at once, one with open calls waits for them.
    for (const part of parts.toReversed()) await part.stop();
    keepLogs(folder);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const ports = await freePorts(4);
    const server = `https://${LOOPBACK}:${ports[2]}`;
    const files = writeClusterFiles(folder, server);
    const flags = flagsOf(folder, files, ports);
    const { admin } = files.kubeconfigs;
    const start = (...names) => {
      for (const name of names) parts.push(startPart(program, folder, name, flags[name]));
    };
    const until = async (what, look) => {
      for (;;) {
        signal.throwIfAborted();
        if (await look().catch(() => false)) return;
        const dead = parts.find((part) => !part.isRunning());
        if (dead) throw new Error(`${await dead.ended}:\n${dead.lastLines()}`);
        if (performance.now() - started > START_LIMIT_MS)
          throw new Error(`waited ${START_LIMIT_MS / 1000} s for ${what}`);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    };
    start('etcd', 'kube-apiserver');
    await until(
      'the API server',
      async () => (await callApi(admin, 'GET', '/readyz')).status === 200,
    );
    await seedCluster(admin, nodes);
    start('kube-controller-manager', 'kube-scheduler', 'kwok');
    await until('nodes that take pods', () => isSettled(admin, nodes));
    return {
      stop,
      ended: Promise.race(parts.map(async (part) => `${await part.ended}:\n${part.lastLines()}`)),
      facts: {
        folder,
        server,
        versions: VERSIONS,
        kubeconfigs: files.kubeconfigs,
        pod_log: files.podLog,
        nodes: Array.from({ length: nodes }, (_, index) => `node-${index + 1}`),
        pids: Object.fromEntries(parts.map((part) => [part.name, part.pid])),
        start_s: (performance.now() - started) / 1000,
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/**
 * Starts etcd, the API server, the controllers, the scheduler and the fake kubelet on loopback, with everything they
 * write in one temporary folder. Another program may take a port between the choice and the use: then it is done again.
 * `{ facts, ended, stop }`; `ended` resolves when a part ends by itself. What fails leaves nothing behind.
 */
export const startPlane = async (program, nodes, signal) => {
  for (let tries = 1; ; tries += 1)
    try {
      return await startOnce(program, nodes, signal);
    } catch (error) {
      if (tries === TRIES || !PORT_TAKEN.test(error.message)) throw error;
    }
};
