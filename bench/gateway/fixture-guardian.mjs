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
  kernels: { infrastructure_manager: { enabled: true } },
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
  },
  infrastructure: {
    scan_interval_s: 300,
    heartbeat_interval_s: 10,
    health_interval_s: 30,
    offline_after_s: 300,
    step_timeout_s: 300,
  },
  gate: { approval_from_risk: 'high', approvals_needed: 1, change_ttl_s: 3600, watch_s: 0 },
  security: { bind_address: '127.0.0.1' },
  logging: { level: 'info' },
};

const tokenRecord = (token) => {
  const salt = randomBytes(16);
  const hash = scryptSync(token, salt, 32, { N: 16_384, r: 8, p: 1 });
  return { id: 'bench', role: 'owner', salt: salt.toString('hex'), hash: hash.toString('hex') };
};

/** Starts the bundle in front of the kernel port; resolves with the child and its port when it is ready. */
export const startGateway = async (bundle, kernelPort, token, execArgv = []) => {
  const socket = createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const child = fork(bundle, { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const init = {
    type: 'init',
    name: 'gateway',
    profile,
    home: '/nonexistent',
    secret: randomBytes(32).toString('hex'),
    ports: { infrastructure_manager: kernelPort },
    gatewayPort: port,
    killSwitch: false,
    auth: [tokenRecord(token)],
  };
  child.send(init, socket);
  for (;;) {
    const [message] = await once(child, 'message');
    if (message.type === 'failed') throw new Error(message.problems.join('; '));
    if (message.type === 'ready') break;
  }
  // The child has its own copy of the socket; a second listener here would take connections from it.
  socket.close();
  return { child, port };
};
