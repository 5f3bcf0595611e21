import { EVENT_TYPES, HoldfastError, LOCAL_CALLER, type KernelId } from '@holdfast/contracts';
import type { EventDraft } from '../../journal/guardian-event.ts';
import type { HealRequest } from '../healer.ts';
import { judge } from '../judge.ts';
import { autoHeal } from './auto-heal.ts';
import { resolveKernel, type HandlerParts } from './handler-parts.ts';
import type { NetworkHealerHandlers } from './handler-types.ts';
import { playbookStats, successRate } from './stats.ts';
import { toHealAnswer } from './heal-answer.ts';

const RECENT = 10;

const pauseEvent = (
  type: EventDraft['type'],
  id: KernelId | undefined,
  actor: string,
  until?: Date,
): EventDraft => ({
  type,
  subject: id ?? 'all',
  actor,
  data: { component: id ?? 'all', ...(until === undefined ? {} : { until: until.toISOString() }) },
});

export const createNetworkHealerHandlers = (parts: HandlerParts): NetworkHealerHandlers => {
  const { components, healer, journal, ports } = parts;
  const { state } = journal;
  const resolve = (name: string): KernelId => resolveKernel(components, name);
  const resolveIfGiven = (name: string | undefined): KernelId | undefined =>
    name === undefined ? undefined : resolve(name);
  const paused = (): Record<string, string> =>
    Object.fromEntries([...ports.paused()].map(([id, until]) => [id, until.toISOString()]));

  return {
    async heal({ component_name, issue_type: issue, severity, action }, { id: actor }) {
      const lasting = action === 'rebind_port' || issue === 'port_conflict';
      if (actor === LOCAL_CALLER.id && lasting)
        throw new HoldfastError('forbidden', { detail: 'moving a kernel takes a token' });
      const request: HealRequest = { id: resolve(component_name), issue, severity, action, actor };
      return toHealAnswer(await healer.heal(request));
    },
    autoHeal: (_, { id: actor }) => autoHeal({ components, healer, actor }),
    async getHealingStats() {
      const { totals } = state;
      return {
        total_healings: totals.healings,
        successful_healings: totals.successful,
        failed_healings: totals.healings - totals.successful,
        automatic_healings: totals.automatic,
        requested_healings: totals.healings - totals.automatic,
        success_rate: successRate(totals),
        active_healings: healer.active().size,
        paused: paused(),
        playbook_stats: playbookStats(totals),
        recent_healings: state.healings.find(() => true, RECENT).found,
      };
    },
    async getHealingHistory({ component_name, limit }) {
      const id = resolveIfGiven(component_name);
      const matches = (tags: { component: string }) => id === undefined || tags.component === id;
      const { total, found } = state.healings.find(matches, limit);
      return { total_records: total, component_filter: id ?? null, history: found };
    },
    async getActiveHealings() {
      const active = [...healer.active()].map(
        ([id, { startedAt, issue }]) => [id, { started_at: startedAt, issue }] as const,
      );
      return { active_healings: Object.fromEntries(active), count: active.length };
    },
    getPlaybookStats: async () => playbookStats(state.totals),
    initializeHealer: async () => ({
      status: 'initialized',
      message: 'the healer runs as long as the guardian does',
    }),
    async getRecommendations({ name }) {
      const id = resolve(name);
      const { status, failures } = components.state(id);
      const port = components.portOf(id) ?? null;
      return { component: id, port, status, failures, recommendations: judge(components, id) };
    },
    async pauseHealing({ component_name, for_s }, { id: actor }) {
      const id = resolveIfGiven(component_name);
      const until = ports.pause(id, for_s * 1_000);
      journal.append({ events: [pauseEvent(EVENT_TYPES.healingPaused, id, actor, until)] });
      return { paused: paused() };
    },
    async resumeHealing({ component_name }, { id: actor }) {
      const id = resolveIfGiven(component_name);
      await ports.resume(id);
      journal.append({ events: [pauseEvent(EVENT_TYPES.healingResumed, id, actor)] });
      return { paused: paused() };
    },
  };
};
