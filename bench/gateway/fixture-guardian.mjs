// Stands in for the guardian: starts the gateway's bundle as a child and speaks the private channel with it.
import { fork } from 'node:child_process';
import { randomBytes, scryptSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A limit that is counted at every request and never reached. */
const RATE_LIMIT_RPS = 1_000_000_000;

const profile = {
  name: 'user',
  description: 'profile of the gateway bench',
  kernels: { infrastructure_manager: { enabled: true, activation: 'always', idle_s: 300 } },
  gateway: { processes: 1 },
  agent: { local: false },
  features: { seal: false, chatops: 'basic' },
  limits: {
    rate_limit_rps: RATE_LIMIT_RPS,
    max_hosts: 1,
    max_open_changes: 1,
    max_parallel_steps: 1,
    log_retention_days: 1,
  },
  guardian: {
    check_interval_s: 60,
    liveness_interval_ms: 1000,
    failure_threshold: 3,
    start_timeout_ms: 15_000,
    stop_timeout_ms: 5_000,
    restart_attempts: 3,
    restart_cooldown_s: 30,
    mttr_target_s: 120,
    warm_spare: false,
  },
  infrastructure: {
    scan_interval_s: 300,
    heartbeat_interval_s: 10,
    health_interval_s: 30,
    offline_after_s: 300,
    step_timeout_s: 300,
  },
  gate: { approval_from_risk: 'high', approvals_needed: 1, change_ttl_s: 3600, watch_s: 0 },
  security: { bind_address: '127.0.0.1', local_heal: true },
  logging: { level: 'info' },
};

const tokenRecord = (token) => {
  const salt = randomBytes(16);
  const hash = scryptSync(token, salt, 32, { N: 16_384, r: 8, p: 1 });
  return { id: 'bench', role: 'owner', salt: salt.toString('hex'), hash: hash.toString('hex') };
};

const startChild = async (bundle, init, socket, execArgv) => {
  const child = fork(bundle, { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.send(init, socket);
  for (;;) {
    const [message] = await once(child, 'message');
    if (message.type === 'failed') throw new Error(message.problems.join('; '));
    if (message.type === 'ready') return child;
  }
};

/**
 * Starts so many processes of the bundle on one socket in front of the kernel port; resolves with them and the port when
 * they are ready.
 */
export const startGateway = async (bundle, kernelPort, token, processes = 1, execArgv = []) => {
  const socket = createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const init = {
    type: 'init',
    profile: { ...profile, gateway: { processes } },
    home: '/nonexistent',
    secret: randomBytes(32).toString('hex'),
    ports: { infrastructure_manager: kernelPort },
    gatewayPort: port,
    killSwitch: false,
    restarts: 0,
    controlPath: '/nonexistent/control.sock',
    auth: [tokenRecord(token)],
  };
  const children = [];
  for (let number = 1; number <= processes; number += 1) {
    const name = number === 1 ? 'gateway' : `gateway-${number}`;
    children.push(await startChild(bundle, { ...init, name }, socket, execArgv));
  }
  // The children have their own copies of the socket; a second listener here would take connections from them.
  socket.close();
  return { children, port };
};
