import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  AGENT_PROTOCOL,
  SECRET_HEADER,
  agentSignatureText,
  infrastructureApi,
  kernelPrincipal,
  type AgentTask,
  type FromAgent,
  type HostFacts,
  type HostMetrics,
  type Inventory,
  type TaskResult,
  type ToAgent,
} from '@holdfast/contracts';
import { WebSocket } from 'ws';
import { SECRET, type ServedKernel } from './served-kernel.ts';

export const testFacts = (hostname = 'box'): HostFacts => ({
  hostname,
  os_type: 'linux',
  os_name: 'Debian',
  os_version: '12',
  architecture: 'x64',
  cpus: { count: 2, model: 'test' },
  memory: { total_bytes: 1 },
  disks: [],
  gpus: [],
  network_interfaces: [],
});

export const testMetrics = (percent = 10): HostMetrics => ({
  time: '2026-01-01T00:00:00.000Z',
  cpu_percent: percent,
  memory_percent: 10,
  disk_percent: 10,
  load_average: [0, 0, 0],
});

export const pipInventory = (
  environment: string,
  packages: Record<string, string>,
  coverage: Inventory['coverage'] = { status: 'complete', scanned: [environment] },
): Inventory => ({
  manager: 'pip',
  environment,
  packages,
  markers: { sys_platform: 'linux' },
  coverage,
  scanned_at: '2026-01-01T00:00:00.000Z',
});

export interface AgentKey {
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

export const createAgentKey = (): AgentKey => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return { publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(), privateKey };
};

/** Enrols a machine and answers its host id: `box` is the local one, and may come again with another key. */
export const enrolTestHost = async (
  kernel: ServedKernel,
  key: AgentKey,
  hostname = 'box',
): Promise<string> => {
  const guardian = kernel.world.client(infrastructureApi, kernelPrincipal('guardian'));
  const { token } = await guardian.createEnrolment(hostname === 'box' ? { alias: 'local' } : {});
  const facts = testFacts(hostname);
  const request = { token, public_key: key.publicKey, version: '0.1.0', facts };
  return (await kernel.api.enrolAgent(request)).host;
};

type Answer = Omit<TaskResult, 'task_id' | 'ok'>;

/** An agent that does what a test says, over a real WebSocket. */
export interface ScriptedAgent {
  readonly received: ToAgent[];
  /** Close code, once the connection is over. */
  readonly closed: Promise<number>;
  send(message: FromAgent): void;
  sendText(text: string): void;
  onPing(callback: () => void): void;
  /** The first message, past or coming, that passes. */
  waitFor(pass: (message: ToAgent) => boolean): Promise<ToAgent>;
  close(): Promise<number>;
}

export interface ScriptedAgentOptions {
  readonly kernel: ServedKernel;
  readonly host: string;
  readonly key: AgentKey;
  /** Answers a task; undefined leaves it open. */
  answer?(task: AgentTask): Answer | undefined;
  /** Leaves pings unanswered, as a machine does whose network is gone. */
  readonly deaf?: boolean;
  /** The nonce that is signed instead of the challenge's. */
  readonly forgedNonce?: string;
}

/** Connects and answers the challenge; resolves with the first word after it, welcome or refusal. */
export const connectScriptedAgent = async (
  options: ScriptedAgentOptions,
): Promise<ScriptedAgent> => {
  const { kernel, host, key } = options;
  const socket = new WebSocket(kernel.agentUrl, {
    headers: { [SECRET_HEADER]: SECRET },
    autoPong: options.deaf !== true,
  });
  const received: ToAgent[] = [];
  let watchers: (() => void)[] = [];
  const send = (message: FromAgent): void => socket.send(JSON.stringify(message));

  const hello = (nonce: string): void => {
    const text = agentSignatureText(host, options.forgedNonce ?? nonce);
    const signature = sign(null, Buffer.from(text), key.privateKey).toString('base64');
    send({ type: 'hello', protocol: AGENT_PROTOCOL, host, version: '0.1.0', signature });
  };

  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as ToAgent;
    received.push(message);
    if (message.type === 'challenge') hello(message.nonce);
    if (message.type === 'task') {
      const answer = options.answer?.(message.task);
      const task_id = message.task_id;
      if (answer) send({ type: 'result', result: { task_id, ok: !answer.error, ...answer } });
    }
    const current = watchers;
    watchers = [];
    for (const wake of current) wake();
  });
  const closed = new Promise<number>((resolve) => void socket.once('close', resolve));

  const waitFor = async (pass: (message: ToAgent) => boolean): Promise<ToAgent> => {
    for (;;) {
      const found = received.find(pass);
      if (found) return found;
      await new Promise<void>((resolve) => watchers.push(resolve));
    }
  };
  await waitFor(({ type }) => type === 'welcome' || type === 'refused');
  return {
    received,
    closed,
    send,
    sendText: (text) => socket.send(text),
    onPing: (callback) => void socket.once('ping', callback),
    waitFor,
    close() {
      socket.close();
      return closed;
    },
  };
};

/** Answers probes with "a venv" and scans with what `packages` says now. */
export const venvAgent =
  (packages: () => Record<string, string>) =>
  (task: AgentTask): Answer | undefined => {
    if (task.type === 'probe_environment')
      return { probe: { path: task.path, isolated: true, managers: ['pip'], detail: 'a venv' } };
    if (task.type !== 'scan') return undefined;
    const { environments } = task;
    return { inventories: environments.map(({ path }) => pipInventory(path, packages())) };
  };
