import type { HealingRecord, Incident } from '@holdfast/contracts';
import { GUARDIAN_ACTOR, createId } from '../journal/guardian-event.ts';

/**
 * The line of the history for what the guardian did about an outage by itself: it restarted the process. `elapsedMs`:
 * how long the outage has lasted, by a clock that never jumps.
 */
export const automaticRecord = (
  incident: Incident,
  elapsedMs: number,
  now: number,
): HealingRecord => {
  const success = incident.status === 'resolved';
  const healedAt = new Date(Date.parse(incident.detected_at) + elapsedMs).toISOString();
  const seconds = elapsedMs / 1_000;
  const { component, port, failure_mode: type } = incident;
  return {
    healing_id: createId('heal', now),
    trigger: 'automatic',
    actor: GUARDIAN_ACTOR,
    component,
    port,
    issue_type: type,
    severity: incident.severity,
    started_at: incident.detected_at,
    healed_at: healedAt,
    duration_seconds: seconds,
    result: {
      issue: { component, port, type },
      playbooks_executed: ['restart_component'],
      results: [
        {
          playbook: 'restart_component',
          success,
          action_taken: success ? 'component_restarted' : 'escalated',
          steps: incident.actions_taken.slice(-10),
          ...(incident.error === null ? {} : { error: incident.error }),
          duration_ms: Math.round(seconds * 1_000),
          details: {
            incident_id: incident.incident_id,
            attempts: incident.attempts,
            ...(success ? { pid: incident.metadata.new_pid } : {}),
          },
        },
      ],
      overall_success: success,
    },
    success,
    error: success ? null : incident.error,
  };
};
