import * as z from 'zod';
import { defineApi, op } from '../api.ts';
import {
  ISSUE_TYPES,
  PLAYBOOK_IDS,
  SEVERITIES,
  healingRecordSchema,
  healingResultSchema,
  playbookStatsSchema,
} from '../records/healing.ts';

const component = z.string().min(1).max(100);

/** A heal may wait for a start that fails, more than once: start_timeout_ms bounds each. */
const HEAL_MS = 120_000;

const healing = z.object({
  success: z.boolean(),
  component: z.string(),
  port: z.number().int().nullable(),
  healing_result: healingResultSchema,
  healed_at: z.iso.datetime(),
  error: z.string().nullable(),
});

/**
 * The healing playbooks. `success` is true only after a process answered `/health` under the component's own name.
 * Names may be given short (`librarian`).
 */
export const networkHealerApi = defineApi({
  kernel: 'guardian',
  ops: {
    heal: op({
      method: 'POST',
      path: '/network-healer/heal',
      summary:
        'Runs the playbooks of an issue for one kernel; with `action` only that playbook; a healthy kernel is restarted',
      input: z.strictObject({
        component_name: component,
        port: z.number().int().min(1).max(65_535).optional(),
        issue_type: z.enum(ISSUE_TYPES).default('port_not_listening'),
        severity: z.enum(SEVERITIES).default('medium'),
        action: z.enum(PLAYBOOK_IDS).optional(),
      }),
      output: healing,
      risk: 'change',
      role: 'operator',
      errors: ['component_unknown', 'component_not_started', 'healing_in_progress'],
      answerMs: HEAL_MS,
    }),
    autoHeal: op({
      method: 'POST',
      path: '/network-healer/auto-heal',
      summary: 'Heals every kernel that is not healthy now, one after the other',
      input: z.strictObject({}),
      output: z.object({
        success: z.boolean(),
        total_components: z.number().int(),
        components_healed: z.number().int(),
        components_failed: z.number().int(),
        results: z.array(healing),
        message: z.string(),
      }),
      risk: 'change',
      role: 'operator',
      answerMs: HEAL_MS,
    }),
    getHealingStats: op({
      method: 'GET',
      path: '/network-healer/stats',
      summary: 'Counts over every healing since the home was made, automatic and requested',
      input: z.object({}),
      output: z.object({
        total_healings: z.number().int(),
        successful_healings: z.number().int(),
        failed_healings: z.number().int(),
        automatic_healings: z.number().int(),
        requested_healings: z.number().int(),
        /** 0 to 100; null before the first healing. */
        success_rate: z.number().nullable(),
        active_healings: z.number().int(),
        paused: z.record(z.string(), z.iso.datetime()),
        playbook_stats: z.record(z.string(), playbookStatsSchema),
        recent_healings: z.array(healingRecordSchema),
      }),
      risk: 'read',
      role: 'viewer',
    }),
    getHealingHistory: op({
      method: 'GET',
      path: '/network-healer/history',
      summary: 'Healings, newest first; the last 1,000 are kept in full',
      input: z.object({
        component_name: component.optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
      }),
      output: z.object({
        total_records: z.number().int(),
        component_filter: z.string().nullable(),
        history: z.array(healingRecordSchema),
      }),
      risk: 'read',
      role: 'viewer',
      errors: ['component_unknown'],
    }),
    getActiveHealings: op({
      method: 'GET',
      path: '/network-healer/active',
      summary: 'Healings that run now',
      input: z.object({}),
      output: z.object({
        active_healings: z.record(
          z.string(),
          z.object({ started_at: z.iso.datetime(), issue: z.enum(ISSUE_TYPES) }),
        ),
        count: z.number().int(),
      }),
      risk: 'read',
      role: 'viewer',
    }),
    getPlaybookStats: op({
      method: 'GET',
      path: '/network-healer/playbook-stats',
      summary: 'Executions, successes and failures of each playbook',
      input: z.object({}),
      output: z.record(z.string(), playbookStatsSchema),
      risk: 'read',
      role: 'viewer',
    }),
    initializeHealer: op({
      method: 'POST',
      path: '/network-healer/initialize',
      summary: 'Says that the healer runs: it does as long as the guardian does',
      input: z.strictObject({}),
      output: z.object({ status: z.literal('initialized'), message: z.string() }),
      risk: 'read',
      role: 'viewer',
    }),
    getRecommendations: op({
      method: 'GET',
      path: '/network-healer/recommendations/{name}',
      summary: 'What the healer would do for a kernel now, and why',
      input: z.object({ name: component }),
      output: z.object({
        component: z.string(),
        port: z.number().int().nullable(),
        status: z.string(),
        failures: z.number().int(),
        recommendations: z.array(
          z.object({
            issue_type: z.enum(ISSUE_TYPES),
            playbooks: z.array(z.enum(PLAYBOOK_IDS)),
            reason: z.string(),
          }),
        ),
      }),
      risk: 'read',
      role: 'viewer',
      errors: ['component_unknown'],
    }),
    pauseHealing: op({
      method: 'POST',
      path: '/network-healer/pause',
      summary:
        'Stops automatic restarts of one kernel, or of all, for a while; asked-for heals still run',
      input: z.strictObject({
        component_name: component.optional(),
        for_s: z.number().int().min(1).max(86_400).default(300),
      }),
      output: z.object({ paused: z.record(z.string(), z.iso.datetime()) }),
      risk: 'change',
      role: 'operator',
      errors: ['component_unknown'],
    }),
    resumeHealing: op({
      method: 'POST',
      path: '/network-healer/resume',
      summary: 'Lets automatic restarts go on, and restarts what died meanwhile',
      input: z.strictObject({ component_name: component.optional() }),
      output: z.object({ paused: z.record(z.string(), z.iso.datetime()) }),
      risk: 'change',
      role: 'operator',
      errors: ['component_unknown'],
    }),
  },
});
