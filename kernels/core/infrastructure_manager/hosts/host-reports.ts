import { isDeepStrictEqual } from 'node:util';
import type { HostFacts } from '@holdfast/contracts';
import type { AgentMessage } from '../channel/agent-session.ts';
import type { HostRegistry } from './host-registry.ts';
import type { HostStatusKeeper } from './host-status.ts';
import { fieldsOfFacts } from './register-host.ts';

/** Takes what agents say about their machines. */
export interface HostReports {
  connected(host: string, version: string): Promise<void>;
  take(host: string, message: Exclude<AgentMessage, { type: 'result' }>): Promise<void>;
}

export const createHostReports = (hosts: HostRegistry, status: HostStatusKeeper): HostReports => {
  const lastSeq = new Map<string, number>();

  const takeFacts = (host: string, facts: HostFacts) =>
    hosts.update(host, ({ record }) =>
      isDeepStrictEqual(record.facts, facts) ? undefined : { record: fieldsOfFacts(facts) },
    );

  return {
    async connected(host, version) {
      lastSeq.delete(host);
      await hosts.update(host, ({ record }) =>
        record.agent.version === version
          ? undefined
          : { record: { agent: { ...record.agent, version } } },
      );
    },
    async take(host, message) {
      if (message.type === 'facts') return void (await takeFacts(host, message.facts));
      // Numbers only grow within a connection: one that comes late says nothing new.
      if (message.seq <= (lastSeq.get(host) ?? -1)) return;
      lastSeq.set(host, message.seq);
      await status.heartbeat(host, message.metrics);
    },
  };
};
