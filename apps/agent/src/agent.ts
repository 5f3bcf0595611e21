import { join } from 'node:path';
import {
  HoldfastError,
  type FromAgent,
  type HostFacts,
  type HostMetrics,
  type PackageDriver,
  type TaskResult,
} from '@holdfast/contracts';
import type { Clock, Logger } from '@holdfast/sdk';
import { createMetricsReader } from './facts/live-metrics.ts';
import { openIdentity } from './identity/agent-identity.ts';
import { takeLock } from './identity/agent-lock.ts';
import { openJournal } from './journal/journal.ts';
import { runLink, type OpenLink } from './link/agent-link.ts';
import { createBackoff } from './link/backoff.ts';
import { enrol } from './link/enrol.ts';
import { emptyScratchFolder } from './scratch-folder.ts';
import { openReadRecord } from './tasks/read-record.ts';
import { createReadRunner } from './tasks/read-runner.ts';
import { createStepRunner } from './tasks/step-runner.ts';
import { failedResult } from './tasks/task-failure.ts';

export interface AgentOptions {
  /** HOLDFAST_HOME; everything of the agent is in its `agent` folder. */
  readonly home: string;
  /** Where the gateway answers. */
  readonly url: string;
  /** Needed until this machine is enrolled. */
  readonly enrolmentToken?: string;
  readonly drivers: readonly PackageDriver[];
  readonly clock: Clock;
  readonly log: Logger;
  readFacts(): Promise<HostFacts>;
  readMetrics?(): Promise<HostMetrics>;
}

/** A running agent. `done` rejects when it can never connect: no identity and no token that the stack takes. */
export interface Agent {
  readonly done: Promise<void>;
  /** Drains and leaves; what is not finished stays in the journal. */
  stop(): Promise<void>;
}

const LOCK_WAIT_MS = 10_000;
const DRAIN_MS = 1_500;
const MAX_RESULT_BYTES = 15 * 1024 * 1024;
const NOT_ENROLLED = 'this machine is not enrolled and there is no enrolment token';

/** A result that would not pass the message limit becomes one that says so. */
const sendable = (result: TaskResult): FromAgent => {
  const bytes = Buffer.byteLength(JSON.stringify(result));
  if (bytes <= MAX_RESULT_BYTES) return { type: 'result', result };
  const error = new Error(`the result has ${bytes} bytes, over ${MAX_RESULT_BYTES}`);
  return { type: 'result', result: failedResult(result.task_id, error) };
};

/** Opens journal and identity, ends what an earlier agent left running, and keeps connecting until it is stopped. */
export const startAgent = async (options: AgentOptions): Promise<Agent> => {
  const { clock, log, drivers } = options;
  const dir = join(options.home, 'agent');
  const lock = await takeLock(dir, LOCK_WAIT_MS);
  const identity = await openIdentity(dir);
  const journal = await openJournal(dir);
  if (journal.damaged > 0) log.warn({ lines: journal.damaged }, 'the journal has unreadable lines');
  const readMetrics = options.readMetrics ?? createMetricsReader(dir);
  const stopping = new AbortController();
  let link: OpenLink | undefined;

  const steps = createStepRunner({
    journal,
    drivers,
    clock,
    log,
    onResult: (result) => link?.send(sendable(result)),
  });
  await steps.endLeftovers();
  const record = await openReadRecord(dir, {
    onEnded: (pid) => log.warn({ pid }, 'ended a child left behind'),
    onFailed: (error) => log.error({ err: error }, 'a child was left behind and still runs'),
  });
  const reads = createReadRunner(drivers, record);
  await emptyScratchFolder(dir);

  const beat = async (open: OpenLink): Promise<void> => {
    for (let seq = 0; !open.closed.aborted; seq += 1) {
      try {
        open.send({ type: 'heartbeat', seq, metrics: await readMetrics() });
      } catch (error) {
        log.error({ err: error }, 'measuring the load failed');
      }
      await clock.sleep(open.heartbeatIntervalS * 1000, open.closed);
    }
  };

  const report = (what: string, work: Promise<void>): void =>
    void work.catch((error: unknown) => log.error({ err: error }, `${what} failed`));

  const onOpen = (open: OpenLink): void => {
    link = open;
    log.info('connected');
    for (const { result } of journal.entries()) if (result) open.send(sendable(result));
    report('reporting heartbeats', beat(open));
    report(
      'reporting facts',
      options.readFacts().then((facts) => open.send({ type: 'facts', facts })),
    );
  };

  const connect = async (): Promise<void> => {
    const backoff = createBackoff();
    const { signal } = stopping;
    let token = options.enrolmentToken;
    let host = identity.host;
    let certain = true;
    while (!signal.aborted) {
      if (host === undefined) {
        if (token === undefined) throw new Error(NOT_ENROLLED);
        const request = { url: options.url, token, identity, clock, log, backoff, signal };
        ({ host, certain } = await enrol(request));
        token = undefined;
      }
      const id = host;
      const end = await runLink({
        url: options.url,
        host: id,
        identity,
        log,
        signal,
        onOpen(open) {
          onOpen(open);
          if (identity.host !== id) report('keeping the host id', identity.enrolledAs(id));
        },
        onTask(taskId, task) {
          const current = link;
          if (task.type === 'apply_step') return report('taking a step', steps.take(taskId, task));
          report(
            'answering',
            reads.run(taskId, task).then((result) => {
              if (result) current?.send(sendable(result));
            }),
          );
        },
        onAck(taskId) {
          const known = journal.find(taskId);
          if (known !== undefined && known !== 'acked')
            report('recording an acknowledgement', journal.acked(taskId));
        },
      });
      link = undefined;
      if (end.opened) {
        backoff.reset();
        certain = true;
      }
      if (end.refused === 'agent_unknown' && !certain) throw new HoldfastError('enrolment_used');
      // The stack does not know this key (any more): a token that was not used yet is a second chance.
      if (end.refused === 'agent_unknown' && token !== undefined) host = undefined;
      else if (!signal.aborted) await clock.sleep(backoff.next(), signal);
    }
  };

  const done = connect().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  done.catch(() => undefined);

  return {
    done,
    async stop() {
      await Promise.all([steps.drain(DRAIN_MS), reads.stop()]);
      stopping.abort();
      await done.catch(() => undefined);
      await journal.close();
      await lock.release();
    },
  };
};
