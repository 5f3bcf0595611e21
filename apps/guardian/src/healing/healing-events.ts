import {
  EVENT_TYPES,
  type HealingRecord,
  type Incident,
  type Priority,
  type ProcessName,
  type Severity,
} from '@holdfast/contracts';
import type { EventDraft } from '../journal/guardian-event.ts';

const PRIORITY: Readonly<Record<Severity, Priority>> = {
  critical: 'critical',
  high: 'high',
  medium: 'normal',
  low: 'low',
};

export const incidentEvent = (incident: Incident): EventDraft => ({
  type: EVENT_TYPES.incident,
  subject: incident.component,
  priority: PRIORITY[incident.severity],
  data: {
    incident_id: incident.incident_id,
    severity: incident.severity,
    component: incident.component,
    description: incident.description,
    metrics: { attempts: incident.attempts, mttr_seconds: incident.mttr_seconds },
    auto_heal: true,
    status: incident.status,
    failure_mode: incident.failure_mode,
    escalated: incident.escalated,
    detected_at: incident.detected_at,
    resolved_at: incident.resolved_at,
    playbook_id: incident.playbook_id,
    error: incident.error,
  },
});

export interface Restart {
  readonly name: string;
  readonly reason: string;
  readonly attempt: number;
  readonly severity: Severity;
  readonly now: number;
  readonly actor?: string;
}

const RESTART_TYPES = {
  initiated: EVENT_TYPES.restartInitiated,
  succeeded: EVENT_TYPES.restartSucceeded,
  failed: EVENT_TYPES.restartFailed,
  limitReached: EVENT_TYPES.restartLimitReached,
} as const;

/** A step of a restart; the last three say how it ended. */
export const restartEvent = (
  step: keyof typeof RESTART_TYPES,
  restart: Restart,
  extra: Record<string, unknown> = {},
): EventDraft => {
  const time = new Date(restart.now).toISOString();
  const outcome = step === 'initiated' ? {} : { success: step === 'succeeded', completed_at: time };
  return {
    type: RESTART_TYPES[step],
    subject: restart.name,
    actor: restart.actor,
    priority: step === 'limitReached' ? 'high' : 'normal',
    data: {
      kernel_name: restart.name,
      reason: restart.reason,
      timestamp: time,
      attempt: restart.attempt,
      critical: restart.severity === 'critical',
      ...outcome,
      ...extra,
    },
  };
};

export const criticalDownEvent = (name: ProcessName, why: string, now: number): EventDraft => ({
  type: EVENT_TYPES.criticalKernelDown,
  subject: name,
  priority: 'critical',
  data: { kernel_name: name, reason: why, timestamp: new Date(now).toISOString() },
});

export const healingEvent = (record: HealingRecord): EventDraft => ({
  type: EVENT_TYPES.healingFinished,
  subject: record.component,
  actor: record.actor,
  data: {
    healing_id: record.healing_id,
    trigger: record.trigger,
    component: record.component,
    port: record.port,
    issue_type: record.issue_type,
    severity: record.severity,
    playbooks_executed: record.result.playbooks_executed,
    success: record.success,
    error: record.error,
    duration_seconds: record.duration_seconds,
  },
});

export const movedEvent = (
  name: string,
  ports: { readonly old: number | null; readonly new: number },
  actor: string,
): EventDraft => ({
  type: EVENT_TYPES.kernelMoved,
  subject: name,
  actor,
  data: { kernel_name: name, old_port: ports.old, new_port: ports.new },
});
