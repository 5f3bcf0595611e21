import {
  HoldfastError,
  type HealingRecord,
  type HealingResult,
  type IssueType,
  type KernelId,
  type PlaybookId,
  type PlaybookResult,
  type Severity,
} from '@holdfast/contracts';
import { GUARDIAN_ACTOR, createId } from '../journal/guardian-event.ts';
import type { Journal } from '../journal/journal.ts';
import type { Timepiece } from '../journal/timepiece.ts';
import { chainFor, runChain, type ChainResult } from './chain.ts';
import { healingEvent, movedEvent, restartEvent } from './healing-events.ts';
import type { IncidentBook } from './incident-book.ts';
import type { Playbook, PlaybookContext } from './playbooks/playbook.ts';
import { severityOf } from './severity.ts';

export interface HealRequest {
  readonly id: KernelId;
  readonly issue: IssueType;
  readonly severity: Severity;
  /** Only this playbook. */
  readonly action?: PlaybookId;
  /** Who asked: the id of a principal. */
  readonly actor: string;
}

export interface Healing {
  readonly record: HealingRecord;
  /** Where the component answers after it. */
  readonly port: number | undefined;
}

export interface Healer {
  /**
   * Runs the playbooks of an issue and writes down what came of it. Rejects only with component_not_started and
   * healing_in_progress; a healing that failed is an answer.
   */
  heal(request: HealRequest): Promise<Healing>;
  active(): ReadonlyMap<KernelId, { readonly startedAt: string; readonly issue: IssueType }>;
}

interface Options extends PlaybookContext {
  readonly journal: Journal;
  readonly book: IncidentBook;
  readonly timepiece: Timepiece;
  ended(id: KernelId): void;
}

const DISK_WAIT_MS = 2_000;
const DOWN = ['unhealthy', 'restarting', 'failed'];

const isoAt = (ms: number): string => new Date(ms).toISOString();

const atMost = (ms: number, promise: Promise<unknown>): Promise<unknown> =>
  Promise.race([promise, new Promise((resolve) => setTimeout(resolve, ms).unref())]);

export const createHealer = (options: Options): Healer => {
  const { components, journal, book, timepiece } = options;
  const active = new Map<KernelId, { readonly startedAt: string; readonly issue: IssueType }>();

  const refuse = ({ id }: HealRequest): void => {
    if (!components.kernels().includes(id)) {
      const reason = components.state(id).reason || 'this stack is not to run it';
      throw new HoldfastError('component_not_started', { component: id, reason });
    }
    const running = active.get(id);
    if (running === undefined) return;
    throw new HoldfastError('healing_in_progress', { component: id, since: running.startedAt });
  };
  const openIncident = ({ id, issue }: HealRequest): void => {
    const { status, reason, pid } = components.state(id);
    if (!DOWN.includes(status)) return;
    const port = components.portOf(id) ?? null;
    const facts = { component: id, port, failureMode: issue, severity: severityOf(id), pid };
    book.open({ ...facts, description: reason });
  };
  const tellStart = ({ id, actor }: HealRequest, playbook: Playbook): void => {
    if (playbook.id !== 'restart_component') return;
    const now = timepiece.now();
    const restart = { name: id, reason: 'manual_request', attempt: 1, now, actor };
    const events = [restartEvent('initiated', { ...restart, severity: severityOf(id) })];
    journal.append({ events });
  };
  const tellEnd = ({ id, actor }: HealRequest, result: PlaybookResult): void => {
    const now = timepiece.now();
    if (result.playbook === 'restart_component') {
      const step = result.success ? 'succeeded' : 'failed';
      const facts = { name: id, reason: 'manual_request', attempt: 1, severity: severityOf(id) };
      const extra = result.success ? { pid: result.details.pid } : { error: result.error };
      journal.append({ events: [restartEvent(step, { ...facts, now, actor }, extra)] });
    }
    const { old_port: old, new_port: moved } = result.details;
    if (typeof moved !== 'number') return;
    const ports = { old: typeof old === 'number' ? old : null, new: moved };
    journal.append({ events: [movedEvent(id, ports, actor)] });
  };
  /** The record, what it means for the incident, and the events: one line of the journal. */
  const conclude = (request: HealRequest, record: HealingRecord, chain: ChainResult): void => {
    const { id } = request;
    const extra = () => ({ healing: record, events: [healingEvent(record)] });
    const executed = record.result.playbooks_executed.join(', ');
    const last = chain.results.at(-1)?.details.pid;
    const pid = typeof last === 'number' ? last : undefined;
    const { remedy: playbook } = chain;
    const told =
      playbook === undefined
        ? book.note(id, `asked-for heal (${executed}) failed: ${chain.error}`, extra)
        : book.resolve(id, { playbook, action: `asked-for heal: ${executed}`, pid }, extra);
    if (told === undefined) journal.append(extra());
  };

  const run = async (request: HealRequest, startedMs: number): Promise<Healing> => {
    const { id, issue, severity, action, actor } = request;
    const began = performance.now();
    const port = components.portOf(id) ?? null;
    const plan = chainFor(issue, action);
    if (plan.some((playbook) => playbook.remedy)) openIncident(request);
    const chain = await runChain(options, plan, id, issue, {
      started: (playbook) => tellStart(request, playbook),
      finished: (_, result) => tellEnd(request, result),
    });
    const durationMs = Math.round(performance.now() - began);
    const success = chain.remedy !== undefined;
    const result: HealingResult = {
      issue: { component: id, port, type: issue },
      playbooks_executed: chain.results.map((one) => one.playbook),
      results: [...chain.results],
      overall_success: success,
    };
    const record: HealingRecord = {
      healing_id: createId('heal', startedMs),
      trigger: request.actor === GUARDIAN_ACTOR ? 'automatic' : 'requested',
      actor,
      component: id,
      port,
      issue_type: issue,
      severity,
      started_at: isoAt(startedMs),
      healed_at: isoAt(startedMs + durationMs),
      duration_seconds: durationMs / 1_000,
      result,
      success,
      error: chain.error,
    };
    conclude(request, record, chain);
    return { record, port: components.portOf(id) };
  };

  return {
    async heal(request) {
      refuse(request);
      const startedMs = timepiece.now();
      active.set(request.id, { startedAt: isoAt(startedMs), issue: request.issue });
      try {
        return await run(request, startedMs);
      } finally {
        active.delete(request.id);
        options.ended(request.id);
        await atMost(DISK_WAIT_MS, journal.flush());
      }
    },
    active: () => active,
  };
};
