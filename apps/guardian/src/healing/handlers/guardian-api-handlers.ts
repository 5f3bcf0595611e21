import { meanOf } from '../../journal/totals.ts';
import { ALL_PLAYBOOKS } from '../playbooks/all-playbooks.ts';
import { resolveComponent, type HandlerParts } from './handler-parts.ts';
import type { GuardianApiHandlers, StackHandlers } from './handler-types.ts';
import {
  overallHealth,
  playbookStats,
  successRate,
  targetMet,
  toMttr,
  toMttrTable,
} from './stats.ts';

const LAST_RUNS = 5;

export const createGuardianApiHandlers = (
  parts: HandlerParts,
): Omit<GuardianApiHandlers, keyof StackHandlers> => {
  const { components, healer, book, journal, ports, mttrTargetS: target, now = Date.now } = parts;
  const { state } = journal;
  const measure = () => {
    const actual = meanOf(state.totals.mttr);
    return { target, actual, met: targetMet(target, actual) };
  };

  return {
    async getGuardianStats() {
      const { totals } = state;
      const { actual, met } = measure();
      const playbooks = playbookStats(totals);
      return {
        timestamp: new Date(now()).toISOString(),
        mttr: toMttr(totals.mttr),
        network_playbooks: playbooks,
        auto_healing_playbooks: { restart_component: playbooks.restart_component },
        overall_health: {
          status: overallHealth(ports.state()),
          mttr_target_seconds: target,
          mttr_actual_seconds: actual,
          target_met: met,
        },
      };
    },
    async getHealerStats() {
      const { totals } = state;
      const { actual, met } = measure();
      return {
        last_5_runs: state.healings.find(() => true, LAST_RUNS).found,
        summary: {
          total_healing_actions: totals.healings,
          successful: totals.successful,
          failed: totals.healings - totals.successful,
          success_rate: successRate(totals),
          average_recovery_time_seconds: meanOf(totals.recovery),
          active_healing_actions: healer.active().size,
        },
        mttr_targets: { target_seconds: target, actual_seconds: actual, target_met: met },
      };
    },
    async listPlaybooks() {
      const stats = playbookStats(state.totals);
      return {
        total_playbooks: ALL_PLAYBOOKS.length,
        playbooks: ALL_PLAYBOOKS.map(({ id, name, description }) => ({
          ...stats[id],
          type: 'network' as const,
          class: name,
          description,
        })),
      };
    },
    getMttrByIssueType: async () => toMttrTable(state.totals.mttrByIssue),
    getMttrByPlaybook: async () => toMttrTable(state.totals.mttrByPlaybook),
    async listIncidents({ component, status, limit }) {
      const name = component === undefined ? undefined : resolveComponent(components, component);
      return book.list({ component: name, status, limit });
    },
    async listRecentFailures({ limit }) {
      const { total, found } = state.healings.find(({ status }) => status === 'failed', limit);
      return { total, failures: found };
    },
  };
};
