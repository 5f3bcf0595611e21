import type { KernelId } from '@holdfast/contracts';
import { ownerOfPort } from '@holdfast/sdk/process';
import type { Components } from '../components.ts';
import { readFirewallRules } from './firewall-rules.ts';
import {
  canReachLocalhost,
  listInterfaces,
  measureResources,
  type Resources,
} from './look-at-machine.ts';
import type { Playbook } from './playbook.ts';
import { playbookName } from './playbook-names.ts';

interface PortListening {
  /** A process of that kernel really answers there. */
  readonly listening: boolean;
  readonly pid: number | null;
  readonly process: string | null;
  readonly status: 'answering' | 'failing' | 'not_answering' | 'held_by_other' | 'not_listening';
  readonly detail: string;
}

interface Conflict {
  readonly component: KernelId;
  readonly port: number;
  readonly pid: number | null;
  readonly process: string | null;
}

const HIGH_PERCENT = 90;

/** Who has a port that the guardian should have and does not; undefined when nobody does or it is one of ours. */
const conflictOf = async (
  components: Components,
  component: KernelId,
): Promise<Conflict | undefined> => {
  const port = components.portOf(component);
  if (port === undefined || components.holdsPort(component)) return undefined;
  const owner = await ownerOfPort(port);
  if (owner === undefined) return undefined;
  if (owner.pid !== undefined && (await components.startedHere(owner.pid))) return undefined;
  return { component, port, pid: owner.pid ?? null, process: owner.command ?? null };
};

const lookAtPort = async (
  components: Components,
  id: KernelId,
  conflict: Conflict | undefined,
): Promise<PortListening> => {
  const { pid = null } = components.state(id);
  if (conflict !== undefined) {
    const { pid: other, process } = conflict;
    const detail = `port ${conflict.port} is held by ${process ?? 'another process'}`;
    return { listening: false, pid: other, process, status: 'held_by_other', detail };
  }
  const found = await components.probe(id);
  if (found.ok) return { listening: true, pid, process: id, status: 'answering', detail: 'ok' };
  const detail = found.reason;
  if (found.alive) return { listening: true, pid, process: id, status: 'failing', detail };
  const status = pid === null ? 'not_listening' : 'not_answering';
  return { listening: false, pid, process: pid === null ? null : id, status, detail };
};

const recommend = (
  id: KernelId,
  port: PortListening,
  conflicts: readonly Conflict[],
  resources: Resources,
): string[] => {
  const advice = conflicts.map(
    (one) =>
      `port ${one.port} of ${one.component} is held by ${one.process ?? 'another process'}` +
      ` (pid ${one.pid ?? 'unknown'}): stop it, or heal with rebind_port`,
  );
  if (!port.listening && port.status !== 'held_by_other')
    advice.push(`restart ${id}: ${port.detail}`);
  if (port.status === 'failing')
    advice.push(`${id} answers and says that it fails: ${port.detail}`);
  const { cpu_percent, memory_percent, disk_percent } = resources;
  for (const [what, value] of Object.entries({ cpu_percent, memory_percent, disk_percent })) {
    if (value !== null && value > HIGH_PERCENT) advice.push(`${what} is ${value}: free some`);
  }
  return advice;
};

/** Looks at a kernel, its port and its machine. Changes nothing and repairs nothing. */
export const diagnoseNetwork: Playbook = {
  id: 'diagnose_network',
  name: playbookName('diagnose_network'),
  description:
    'Looks at the port, the loopback, the interfaces, the firewall and the load; changes nothing',
  remedy: false,
  async run({ components, home }, id) {
    const looked = components.kernels().map((one) => conflictOf(components, one));
    const conflicts = (await Promise.all(looked)).filter((one) => one !== undefined);
    const own = conflicts.find((one) => one.component === id);
    const [port, reachable, firewall, resources] = await Promise.all([
      lookAtPort(components, id, own),
      canReachLocalhost(),
      readFirewallRules(),
      measureResources(home),
    ]);
    const diagnostics = {
      port_listening: port,
      localhost_reachable: reachable,
      network_interfaces: listInterfaces(),
      firewall_rules: firewall.rules,
      firewall_rules_total: firewall.total,
      firewall_reason: firewall.reason,
      port_conflicts: conflicts,
      resources,
    };
    const recommendations = recommend(id, port, conflicts, resources);
    return {
      success: true,
      action_taken: 'diagnosed',
      steps: [`${id}: ${port.status} (${port.detail})`, `${conflicts.length} port conflicts`],
      details: { diagnostics, recommendations },
    };
  },
};
