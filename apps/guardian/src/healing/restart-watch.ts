import { isKernelId, type IssueType, type ProcessName, type Severity } from '@holdfast/contracts';
import type { EventDraft } from '../journal/guardian-event.ts';
import type { Timepiece } from '../journal/timepiece.ts';
import { automaticRecord } from './automatic-record.ts';
import { criticalDownEvent, healingEvent, restartEvent } from './healing-events.ts';
import type { IncidentBook } from './incident-book.ts';
import { severityOf } from './severity.ts';

export interface Down {
  readonly mode: IssueType;
  readonly why: string;
  /** By the component unless told. */
  readonly severity?: Severity;
  /** Of the process that died or hangs. */
  readonly pid?: number;
}

/**
 * What the supervisor tells of its own restarts. Of each outage there is one incident and, when the guardian restarted
 * something, one automatic record in the history: written when the component is back, or when the limit is reached.
 */
export interface RestartWatch {
  /** It is down; told again while it is, that an attempt failed. */
  down(name: ProcessName, down: Down): void;
  /** A new process is started for it; `n` counts the failed starts in a row. */
  attempt(name: ProcessName, n: number): void;
  /** It answers again, as this process. Without an open incident this does nothing. */
  recovered(name: ProcessName, pid: number | undefined): void;
  /** Automatic restarts pause: a person is asked for. */
  limitReached(name: ProcessName, why: string): void;
  /** A requested heal of the component is over. */
  healEnded(name: ProcessName): void;
  /**
   * Looks at what an earlier guardian left open: `healthyPid` answers undefined for what does not answer now.
   * Components that are not `known` any more are closed without a repair.
   */
  reconcile(
    healthyPid: (name: ProcessName) => number | undefined,
    known: (name: ProcessName) => boolean,
  ): void;
  /** The stack stops in order: outages end here, unrepaired. */
  stopped(): void;
}

interface Options {
  readonly book: IncidentBook;
  readonly timepiece: Timepiece;
  portOf(name: ProcessName): number | undefined;
  /** While somebody heals the component by hand, the repair is theirs. */
  isHealing(name: string): boolean;
}

export const createRestartWatch = (options: Options): RestartWatch => {
  const { book, timepiece, portOf, isHealing } = options;
  const attempting = new Map<string, number>();
  const deferred = new Map<ProcessName, number | undefined>();

  const restart = (name: ProcessName, reason: string, attempt: number) => ({
    name,
    reason,
    attempt,
    severity: severityOf(name),
    now: timepiece.now(),
  });
  /** Tells that the attempt before did not help, when there was one. */
  const endAttempt = (name: ProcessName, mode: IssueType, why: string): EventDraft[] => {
    const n = attempting.get(name);
    attempting.delete(name);
    return n === undefined ? [] : [restartEvent('failed', restart(name, mode, n), { error: why })];
  };
  const down = (name: ProcessName, { mode, why, severity, pid }: Down): void => {
    deferred.delete(name);
    if (book.current(name) === undefined) {
      attempting.delete(name);
      const port = portOf(name) ?? null;
      const facts = { component: name, port, failureMode: mode, description: why, pid };
      book.open({ ...facts, severity: severity ?? severityOf(name) });
      return;
    }
    const events = endAttempt(name, mode, why);
    if (events.length > 0) book.note(name, `failed: ${why}`, () => ({ events }));
  };
  const recovered = (name: ProcessName, pid: number | undefined): void => {
    const open = book.current(name);
    if (open === undefined) {
      attempting.delete(name);
      return;
    }
    if (isHealing(name)) {
      deferred.set(name, pid);
      return;
    }
    attempting.delete(name);
    const replaced =
      pid !== undefined && open.metadata.pid !== undefined && open.metadata.pid !== pid;
    if (open.attempts === 0 && !replaced) {
      book.resolve(name, { action: 'answers again without a restart', pid });
      return;
    }
    const repair = { playbook: 'restart_component', action: 'restarted', pid } as const;
    book.resolve(name, repair, (incident, elapsedMs) => {
      const attempt = Math.max(1, incident.attempts);
      const back = restartEvent('succeeded', restart(name, incident.failure_mode, attempt), {
        pid,
      });
      // Its failure is in the history since the limit was reached.
      if (incident.escalated) return { events: [back] };
      const healing = automaticRecord(incident, elapsedMs, timepiece.now());
      return { healing, events: [back, healingEvent(healing)] };
    });
  };

  const escalate = (name: ProcessName, why: string): void => {
    book.escalate(name, why, (incident, elapsedMs) => {
      const { failure_mode: mode, attempts, severity } = incident;
      const healing = automaticRecord(incident, elapsedMs, timepiece.now());
      const facts = restart(name, mode, attempts);
      const limit = restartEvent('limitReached', facts, { error: why });
      const critical = severity === 'critical' && isKernelId(name);
      const alarm = critical ? [criticalDownEvent(name, why, facts.now)] : [];
      const events = [...endAttempt(name, mode, why), limit, ...alarm, healingEvent(healing)];
      return { healing, events };
    });
  };

  return {
    down,
    attempt(name, n) {
      if (book.current(name) === undefined) {
        down(name, { mode: 'process_crashed', why: 'it is started again' });
      }
      book.attempt(name, `restart attempt ${n}`, ({ failure_mode: mode }) => {
        const before = endAttempt(name, mode, 'it did not come up');
        return { events: [...before, restartEvent('initiated', restart(name, mode, n))] };
      });
      attempting.set(name, n);
    },
    recovered,
    limitReached(name, why) {
      if (book.current(name)?.escalated !== true) {
        if (book.current(name) === undefined) down(name, { mode: 'process_crashed', why });
        escalate(name, why);
        return;
      }
      down(name, { mode: 'process_crashed', why });
    },
    healEnded(name) {
      if (!deferred.has(name)) return;
      const pid = deferred.get(name);
      deferred.delete(name);
      recovered(name, pid);
    },
    reconcile(healthyPid, known) {
      for (const name of book.openComponents() as ProcessName[]) {
        const pid = known(name) ? healthyPid(name) : undefined;
        if (pid !== undefined) recovered(name, pid);
        else if (!known(name)) book.abandon(name, 'it is no longer part of this stack');
      }
    },
    stopped() {
      attempting.clear();
      deferred.clear();
      for (const name of book.openComponents()) book.abandon(name, 'the stack was stopped');
    },
  };
};
