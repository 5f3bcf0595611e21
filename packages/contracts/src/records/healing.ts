import * as z from 'zod';

/** What can be wrong with a kernel, and the playbooks for it in their order (kernel port document). */
export const ISSUE_PLAYBOOKS = {
  port_not_listening: ['diagnose_network', 'restart_component'],
  connection_timeout: ['diagnose_network', 'clear_port', 'restart_component'],
  connection_refused: ['restart_component', 'clear_port'],
  port_conflict: ['clear_port', 'rebind_port'],
  process_crashed: ['restart_component'],
  network_unreachable: ['diagnose_network'],
} as const;
export type IssueType = keyof typeof ISSUE_PLAYBOOKS;
export const ISSUE_TYPES = Object.keys(ISSUE_PLAYBOOKS) as [IssueType, ...IssueType[]];

export const PLAYBOOK_IDS = [
  'restart_component',
  'clear_port',
  'diagnose_network',
  'rebind_port',
] as const;
export type PlaybookId = (typeof PLAYBOOK_IDS)[number];

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * What one playbook did. `success` of diagnose_network says that it could look, never that anything was repaired.
 * `details` holds what the playbook found: diagnostics, processes_killed, port_free, old_port, new_port.
 */
export const playbookResultSchema = z.object({
  playbook: z.enum(PLAYBOOK_IDS),
  success: z.boolean(),
  action_taken: z.string(),
  steps: z.array(z.string()),
  error: z.string().optional(),
  duration_ms: z.number(),
  details: z.record(z.string(), z.unknown()),
});
export type PlaybookResult = z.infer<typeof playbookResultSchema>;

/** One run of playbooks for one issue of one component. `overall_success` needs a remedy that was observed to work. */
export const healingResultSchema = z.object({
  issue: z.object({
    component: z.string(),
    port: z.number().int().nullable(),
    type: z.enum(ISSUE_TYPES),
  }),
  playbooks_executed: z.array(z.enum(PLAYBOOK_IDS)),
  results: z.array(playbookResultSchema),
  overall_success: z.boolean(),
});
export type HealingResult = z.infer<typeof healingResultSchema>;

/** A line of the healing history. `trigger` tells the guardian's own restarts from those that someone asked for. */
export const healingRecordSchema = z.object({
  healing_id: z.string(),
  trigger: z.enum(['automatic', 'requested']),
  actor: z.string(),
  component: z.string(),
  port: z.number().int().nullable(),
  issue_type: z.enum(ISSUE_TYPES),
  severity: z.enum(SEVERITIES),
  started_at: z.iso.datetime(),
  healed_at: z.iso.datetime(),
  duration_seconds: z.number(),
  result: healingResultSchema,
  success: z.boolean(),
  error: z.string().nullable(),
});
export type HealingRecord = z.infer<typeof healingRecordSchema>;

export const INCIDENT_STATES = ['detected', 'remediating', 'resolved', 'failed'] as const;

/**
 * One outage of one component, from the moment it was noticed to the moment the component answered again.
 * `mttr_seconds` is resolved_at minus detected_at. `failed` means that automatic restarts stopped and a person is asked
 * for (`escalated`); it still becomes `resolved` when the component comes back.
 */
export const incidentSchema = z.object({
  incident_id: z.string(),
  component: z.string(),
  port: z.number().int().nullable(),
  failure_mode: z.enum(ISSUE_TYPES),
  severity: z.enum(SEVERITIES),
  status: z.enum(INCIDENT_STATES),
  description: z.string(),
  detected_at: z.iso.datetime(),
  resolved_at: z.iso.datetime().nullable(),
  playbook_id: z.enum(PLAYBOOK_IDS).nullable(),
  playbook_name: z.string().nullable(),
  actions_taken: z.array(z.string()),
  attempts: z.number().int(),
  escalated: z.boolean(),
  success: z.boolean().nullable(),
  error: z.string().nullable(),
  mttr_seconds: z.number().nullable(),
  metadata: z.record(z.string(), z.unknown()),
});
export type Incident = z.infer<typeof incidentSchema>;

export const playbookStatsSchema = z.object({
  playbook_id: z.enum(PLAYBOOK_IDS),
  name: z.string(),
  executions: z.number().int(),
  successes: z.number().int(),
  failures: z.number().int(),
  /** 0 to 100; null before the first execution. */
  success_rate: z.number().nullable(),
});
export type PlaybookStats = z.infer<typeof playbookStatsSchema>;
