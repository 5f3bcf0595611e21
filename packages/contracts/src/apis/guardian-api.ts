import * as z from 'zod';
import { defineApi, op } from '../api.ts';
import { activeConfigSchema } from '../records/config-change.ts';
import {
  INCIDENT_STATES,
  healingRecordSchema,
  incidentSchema,
  playbookStatsSchema,
} from '../records/healing.ts';
import { guardianStatusSchema } from '../records/kernel-status.ts';

/** Mean time to repair over the incidents that were resolved; seconds are null while there is none. */
const mttr = z.object({
  count: z.number().int(),
  mttr_seconds: z.number().nullable(),
  min_seconds: z.number().nullable(),
  max_seconds: z.number().nullable(),
});

/** The guardian: what it supervises, what went wrong, what it did about it. */
export const guardianApi = defineApi({
  kernel: 'guardian',
  ops: {
    getGuardianStatus: op({
      method: 'GET',
      path: '/guardian/status',
      summary: 'The guardian and everything that it supervises',
      input: z.object({}),
      output: guardianStatusSchema,
      risk: 'read',
      role: 'viewer',
    }),
    getGuardianHealth: op({
      method: 'GET',
      path: '/guardian/health',
      summary: 'Whether the guardian, its keeper and its spare process are there',
      input: z.object({}),
      output: z.object({
        status: z.enum(['ok', 'degraded']),
        pid: z.number().int(),
        keeper_pid: z.number().int().nullable(),
        spare_pid: z.number().int().nullable(),
        /** Processes that an earlier guardian started and this one took over. */
        adopted: z.number().int(),
        uptime_s: z.number(),
        journal: z.object({ ok: z.boolean(), unpublished: z.number().int() }),
      }),
      risk: 'read',
      role: 'viewer',
    }),
    getGuardianStats: op({
      method: 'GET',
      path: '/guardian/stats',
      summary: 'Time to repair against its target, and counts by playbook',
      input: z.object({}),
      output: z.object({
        timestamp: z.iso.datetime(),
        mttr,
        network_playbooks: z.record(z.string(), playbookStatsSchema),
        auto_healing_playbooks: z.record(z.string(), playbookStatsSchema),
        overall_health: z.object({
          status: z.enum(['healthy', 'degraded', 'starting', 'stopping']),
          mttr_target_seconds: z.number(),
          mttr_actual_seconds: z.number().nullable(),
          /** Null while nothing was ever repaired. */
          target_met: z.boolean().nullable(),
        }),
      }),
      risk: 'read',
      role: 'viewer',
    }),
    getHealerStats: op({
      method: 'GET',
      path: '/guardian/healer/stats',
      summary: 'The last five healings and a summary of all',
      input: z.object({}),
      output: z.object({
        last_5_runs: z.array(healingRecordSchema),
        summary: z.object({
          total_healing_actions: z.number().int(),
          successful: z.number().int(),
          failed: z.number().int(),
          success_rate: z.number().nullable(),
          average_recovery_time_seconds: z.number().nullable(),
          active_healing_actions: z.number().int(),
        }),
        mttr_targets: z.object({
          target_seconds: z.number(),
          actual_seconds: z.number().nullable(),
          target_met: z.boolean().nullable(),
        }),
      }),
      risk: 'read',
      role: 'viewer',
    }),
    listPlaybooks: op({
      method: 'GET',
      path: '/guardian/playbooks',
      summary: 'The healing playbooks and how they fared',
      input: z.object({}),
      output: z.object({
        total_playbooks: z.number().int(),
        playbooks: z.array(
          playbookStatsSchema.extend({
            type: z.literal('network'),
            class: z.string(),
            description: z.string(),
          }),
        ),
      }),
      risk: 'read',
      role: 'viewer',
    }),
    getMttrByIssueType: op({
      method: 'GET',
      path: '/guardian/mttr/by-issue-type',
      summary: 'Time to repair by failure mode',
      input: z.object({}),
      output: z.record(z.string(), mttr),
      risk: 'read',
      role: 'viewer',
    }),
    getMttrByPlaybook: op({
      method: 'GET',
      path: '/guardian/mttr/by-playbook',
      summary: 'Time to repair by the playbook that worked',
      input: z.object({}),
      output: z.record(z.string(), mttr),
      risk: 'read',
      role: 'viewer',
    }),
    listIncidents: op({
      method: 'GET',
      path: '/guardian/incidents',
      summary: 'Outages of components, newest first',
      input: z.object({
        component: z.string().max(100).optional(),
        status: z.enum(INCIDENT_STATES).optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
      }),
      output: z.object({ total: z.number().int(), incidents: z.array(incidentSchema) }),
      risk: 'read',
      role: 'viewer',
      errors: ['component_unknown'],
    }),
    listRecentFailures: op({
      method: 'GET',
      path: '/guardian/failures/recent',
      summary: 'Healings that failed, newest first',
      input: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(20) }),
      output: z.object({ total: z.number().int(), failures: z.array(healingRecordSchema) }),
      risk: 'read',
      role: 'viewer',
    }),
    reload: op({
      method: 'POST',
      path: '/guardian/reload',
      summary:
        'Replaces a process by one of the build on disk, without a lost request: a kernel, `gateway`, `guardian`, or `all`',
      input: z.strictObject({ component: z.string().min(1).max(100).default('all') }),
      output: z.object({
        reloaded: z.array(
          z.object({
            component: z.string(),
            old_pid: z.number().int().nullable(),
            new_pid: z.number().int().nullable(),
            duration_ms: z.number(),
          }),
        ),
        /** The guardian itself is replaced after this answer. */
        guardian_follows: z.boolean(),
      }),
      risk: 'change',
      role: 'admin',
      errors: ['component_unknown', 'component_not_started', 'reload_in_progress', 'reload_failed'],
      answerMs: 300_000,
    }),
    getActiveConfig: op({
      method: 'GET',
      path: '/guardian/config',
      summary: 'What is laid over the profile files, and the effective profile',
      input: z.object({}),
      output: z.object({
        active: activeConfigSchema,
        effective: z.record(z.string(), z.unknown()),
        /** Every process that the settings concern runs with them. */
        settled: z.boolean(),
      }),
      risk: 'read',
      role: 'internal',
      callers: ['governance'],
    }),
    checkConfig: op({
      method: 'POST',
      path: '/guardian/config/check',
      summary: 'The effective profile as it would be; refuses what is not valid; changes nothing',
      input: z.strictObject({
        profile: z.string().max(100),
        overrides: z.record(z.string(), z.unknown()),
        /** They were made for another profile: what this one does not let be set, or does not fit it, is left out. */
        carry_over: z.boolean().default(false),
      }),
      output: z.object({
        revision: z.string(),
        effective: z.record(z.string(), z.unknown()),
        /** What is left of the overrides, and the dotted keys of what is not. */
        overrides: z.record(z.string(), z.unknown()),
        dropped: z.array(z.string()),
      }),
      risk: 'read',
      role: 'internal',
      callers: ['governance'],
      errors: ['config_patch_invalid', 'profile_unknown'],
    }),
    putConfig: op({
      method: 'PUT',
      path: '/guardian/config',
      summary:
        'Puts settings in force: written durably, then every process that they concern is replaced without a lost call',
      input: z.strictObject({
        profile: z.string().max(100),
        overrides: z.record(z.string(), z.unknown()),
        change: z.string().max(100),
        /** The settings that they replace: refused with plan_stale while others are in force, unless they are so already. */
        expected_revision: z.string().max(200),
      }),
      output: z.object({
        active: activeConfigSchema,
        /** False while processes are still being replaced; the same call again says how far it is. */
        settled: z.boolean(),
        replaced: z.array(z.string()),
      }),
      risk: 'change',
      role: 'internal',
      callers: ['governance'],
      errors: ['config_patch_invalid', 'profile_unknown', 'plan_stale', 'reload_failed'],
      answerMs: 300_000,
    }),
    stopStack: op({
      method: 'POST',
      path: '/guardian/stop',
      summary: 'Stops the stack in order',
      input: z.strictObject({}),
      output: z.object({ stopping: z.boolean() }),
      risk: 'change',
      role: 'admin',
      status: 202,
    }),
  },
});
