import type { Host } from '@holdfast/contracts';
import { expect, it } from 'vitest';
import { makePlan } from './plan-hash.ts';
import { capabilitiesOf, isPlanned, policyRequestOf } from './policy-request.ts';

const AT = '2026-03-02T09:30:00.000Z';

const FACTS: NonNullable<Host['facts']> = {
  hostname: 'box',
  os_type: 'linux',
  os_name: 'Debian',
  os_version: '12',
  architecture: 'x64',
  cpus: { count: 2, model: '' },
  memory: { total_bytes: 1 },
  disks: [],
  gpus: [],
  network_interfaces: ['lo'],
};
const METRICS: NonNullable<Host['metrics']> = {
  time: AT,
  cpu_percent: 12.5,
  memory_percent: 40,
  disk_percent: 30,
  load_average: [0, 0, 0],
};
const HOST: Host = {
  id: 'box_linux',
  hostname: 'box',
  aliases: [],
  os_type: 'linux',
  os_version: '12',
  architecture: 'x64',
  ip_address: null,
  status: 'healthy',
  status_reason: '',
  agent: { enrolled: true, connected: true, version: null },
  facts: FACTS,
  metrics: METRICS,
  capabilities: [
    { name: 'docker', available: true, metadata: {} },
    { name: 'wsl', available: false, metadata: {} },
  ],
  dependency_status: 'in_sync',
  registered_at: AT,
  last_seen: null,
};

const plan = makePlan(
  {
    target: { host: 'box_linux' },
    base: { revision: 'r1', observed_at: AT },
    steps: [
      {
        key: 'a',
        summary: '',
        do: { driver: 'pip', action: 'packages.apply', params: { secret: 'x' } },
        inverse: null,
        inverse_summary: '',
        effect: { toward_baseline: true, movement: 'install', major: false, targets: 1 },
      },
    ],
    timeout_ms: 1,
  },
  { change: 'chg_1', kind: 'packages.repair', owner: 'infrastructure_manager', created_at: AT },
);
const change = {
  id: 'chg_1',
  kind: 'packages.repair',
  target: { host: 'box_linux' },
  reverts: null,
  risk: 'low',
  plan,
} as const;
const author = { id: 'ann', kind: 'human', role: 'operator' };

it('says of a change what policies may see, and nothing of what its steps are fed', () => {
  const request = policyRequestOf(change, { author, automatic: false, host: HOST, at: AT });
  expect(request).toEqual({
    change: 'chg_1',
    kind: 'packages.repair',
    owner: 'infrastructure_manager',
    class: 'standard',
    target: { host: 'box_linux' },
    risk: 'low',
    undo: false,
    automatic: false,
    steps: [
      {
        driver: 'pip',
        action: 'packages.apply',
        movement: 'install',
        major: false,
        toward_baseline: true,
      },
    ],
    author,
    host: {
      id: 'box_linux',
      os_type: 'linux',
      cpu_percent: 12.5,
      memory_percent: 40,
      capabilities: ['compute', 'docker', 'network', 'storage'],
    },
    at: AT,
  });
});

it('calls the undo of a change an undo, and takes the class of the plan', () => {
  const undo = { ...change, reverts: 'chg_0', plan: { ...plan, class: 'covenant' as const } };
  expect(policyRequestOf(undo, { author, automatic: true, host: null, at: AT })).toMatchObject({
    undo: true,
    automatic: true,
    class: 'covenant',
    host: null,
  });
});

it('leaves load that nobody measured unknown', () => {
  const { host } = policyRequestOf(change, {
    author,
    automatic: false,
    host: { ...HOST, metrics: null },
    at: AT,
  });
  expect(host).toMatchObject({ cpu_percent: null, memory_percent: null });
});

it('counts as a capability what is available or shown by facts, and nothing else', () => {
  expect(capabilitiesOf({ capabilities: [], facts: null, metrics: null })).toEqual([]);
  const gpu = { index: 0, name: 'x', memory_total_bytes: 1 };
  const facts = { ...FACTS, gpus: [gpu], network_interfaces: [] };
  expect(capabilitiesOf({ ...HOST, facts, metrics: null })).toEqual(['compute', 'docker', 'gpu']);
});

it('knows a change that was not planned yet', () => {
  expect(isPlanned({ plan, risk: 'low' })).toBe(true);
  expect(isPlanned({ plan: null, risk: null })).toBe(false);
});
