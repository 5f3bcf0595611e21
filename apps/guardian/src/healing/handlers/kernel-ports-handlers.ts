import { EVENT_TYPES, HoldfastError, KERNEL_TABLE, type Assignment } from '@holdfast/contracts';
import { countByTier, countStates, isFailed } from './count-states.ts';
import { resolveKernel, type HandlerParts } from './handler-parts.ts';
import type { KernelPortsHandlers } from './handler-types.ts';
import { overallHealth } from './stats.ts';

const TIERS: readonly string[] = [...new Set(KERNEL_TABLE.map((row) => row.tier))];
/** API routes are no processes: there are none to list. */
const NO_APIS = 'none';

const knownTier = (tier: string): string => {
  if (!TIERS.includes(tier)) {
    throw new HoldfastError('tier_unknown', { tier, known: TIERS.join(', ') });
  }
  return tier;
};

export const createKernelPortsHandlers = (parts: HandlerParts): KernelPortsHandlers => {
  const { components, ports, journal } = parts;
  /** Those that this stack is to run. */
  const wanted = (): Assignment[] => {
    const ids: readonly string[] = components.kernels();
    return ports
      .assignments()
      .filter((row) => ids.includes(row.name))
      .sort((a, b) => (a.port ?? 0) - (b.port ?? 0));
  };
  const ofTier = (tier: string | undefined): Assignment[] =>
    tier === undefined ? wanted() : wanted().filter((row) => row.tier === knownTier(tier));
  const totals = (kernels: number) => ({
    total_components: kernels,
    total_kernels: kernels,
    total_apis: 0,
  });

  const measured = async (row: Assignment) => {
    const found = await ports.measure(resolveKernel(components, row.name));
    const { name, port, tier, status, failures, restarts } = row;
    const uptime_s = found?.uptime_s ?? null;
    const requests = found?.requests ?? null;
    const type = 'kernel' as const;
    return { name, port, tier, status, failures, restarts, uptime_s, requests, type };
  };

  return {
    async getAssignments({ tier, include_apis }) {
      const assignments = ofTier(tier);
      return {
        total: assignments.length,
        tier_filter: tier ?? null,
        includes_apis: include_apis,
        assignments,
      };
    },
    async getPortMap() {
      const rows = ports.assignments().filter((row) => row.port !== null);
      return { kernels: Object.fromEntries(rows.map((row) => [row.name, row.port!])), apis: {} };
    },
    async getPort({ name }) {
      const id = resolveKernel(components, name);
      return ports.assignments().find((row) => row.name === id)!;
    },
    async checkKernels() {
      await ports.checkAll();
      const rows = wanted();
      return {
        ...totals(rows.length),
        ...countStates(rows),
        not_installed: ports.assignments().filter((row) => row.status === 'not_installed').length,
        by_tier: countByTier(rows, TIERS),
        failed_components: rows.filter(isFailed).map((row) => row.name),
      };
    },
    async getTier({ tier }) {
      const assignments = ofTier(tier).map(({ name, port, status, health_url }) => ({
        name,
        port,
        status,
        health_url,
      }));
      return { tier, count: assignments.length, assignments };
    },
    async resetFailures({ name }, { id: actor }) {
      const id = resolveKernel(components, name);
      await ports.resetFailures(id);
      const data = { component: id };
      journal.append({ events: [{ type: EVENT_TYPES.failuresReset, subject: id, actor, data }] });
      return { status: 'success', message: `the failures of ${id} are forgotten` };
    },
    async getPortMetrics() {
      const assignments = await Promise.all(wanted().map(measured));
      return {
        ...totals(assignments.length),
        kernel_port_range: ports.portRange(),
        api_port_range: NO_APIS,
        assignments,
      };
    },
    async getPortStatus() {
      const rows = wanted();
      return {
        overall_health: overallHealth(ports.state()),
        port_allocation: { kernels: ports.portRange(), apis: NO_APIS },
        summary: { ...totals(rows.length), ...countStates(rows) },
      };
    },
  };
};
