import {
  HoldfastError,
  type Event,
  type InclusionProofFile,
  type PolicyVerdict,
} from '@holdfast/contracts';
import { canonicalize, createNoteSigner, hashLeaf, signCheckpoint } from '@holdfast/merkle';
import type { Draws } from '../core/draws.ts';
import { createLife, type Weather } from '../core/life.ts';
import type { Scheduler } from '../core/scheduler.ts';
import type { Server } from '../net/wire.ts';

const MS = 1;
const LAG_MS = 60;

interface Asked {
  readonly correlation: string;
  readonly type: string;
  readonly limit: number;
}

const LEDGER_NAME = 'holdfast-ledger-double';
const LEDGER_SEED = Buffer.alloc(32, LEDGER_NAME);

/** The receipt of a ledger that holds this event alone. */
const proofOf = (event: Event): InclusionProofFile => {
  const body = canonicalize(event);
  const root = hashLeaf(body);
  const signer = createNoteSigner({ name: LEDGER_NAME, seed: LEDGER_SEED });
  return {
    format: 'holdfast.inclusion-proof.v1',
    id: event.id,
    index: 0,
    body,
    hashes: [],
    checkpoint: {
      origin: LEDGER_NAME,
      size: 1,
      root: root.toString('hex'),
      note: signCheckpoint({ origin: LEDGER_NAME, size: 1, root }, [signer]),
      key: signer.verifierKey,
    },
  };
};

/** A policy engine that forbids nothing, and is away now and then. */
export const createPolicyDouble = (
  scheduler: Scheduler,
  draws: Draws,
  weather: Weather,
): Server => {
  const life = createLife({
    name: 'policy_engine',
    scheduler,
    draws,
    weather,
    longestPauseMs: 3_000,
    mortal: false,
  });
  const verdict: PolicyVerdict = {
    allowed: true,
    denials: [],
    determining: ['simulated'],
    errors: [],
    revision: 1,
  };
  return {
    life,
    ready: true,
    answer: ({ name }) =>
      life.io(name, MS, () => {
        if (name !== 'decidePolicies') throw new Error(`the policy double has no ${name}`);
        return verdict;
      }),
  };
};

/** What stands in for the bus and for the ledger in histories without them. */
export interface EventDoubles {
  /** Events that arrived, each when it first did, in order. */
  readonly arrived: readonly Event[];
  readonly bus: Server;
  /** It has what reached the bus some time ago. */
  readonly ledger: Server;
}

export const createEventDoubles = (
  scheduler: Scheduler,
  draws: Draws,
  weather: Weather,
): EventDoubles => {
  const arrived: Event[] = [];
  const ids = new Set<string>();
  /** When each of them is in the ledger. */
  const times: number[] = [];
  const lag = draws.site('ledger lag');
  const kept = (): Event[] => {
    const count = times.findIndex((at) => at > scheduler.now());
    return count < 0 ? arrived : arrived.slice(0, count);
  };
  const serve = (name: string, ops: Record<string, (input: never) => unknown>): Server => {
    const life = createLife({
      name,
      scheduler,
      draws,
      weather,
      longestPauseMs: 8_000,
      mortal: false,
    });
    const answer: Server['answer'] = ({ name: op, input }) =>
      life.io(op, MS, () => {
        const run = ops[op];
        if (!run) throw new Error(`the double of ${name} has no ${op}`);
        return run(input as never);
      });
    return { life, ready: true, answer };
  };
  return {
    arrived,
    bus: serve('message_bus', {
      publishEvents({ events }: { readonly events: readonly Event[] }) {
        const fresh = events.filter(({ id }) => !ids.has(id));
        for (const event of fresh) ids.add(event.id);
        arrived.push(...fresh);
        const at = Math.max(times.at(-1) ?? 0, scheduler.now() + LAG_MS * lag.draw());
        times.push(...fresh.map(() => at));
        const duplicates = events.length - fresh.length;
        return { accepted: fresh.length, duplicates, last_seq: arrived.length };
      },
    }),
    ledger: serve('immutable_log', {
      listEntries({ correlation, type, limit }: Asked) {
        const items = kept()
          .map((event, index) => ({ id: event.id, index, event }))
          .filter(({ event }) => event.type === type && event.correlationid === correlation);
        return { items: items.toReversed().slice(0, limit), next_cursor: null, total: null };
      },
      getProof({ id }: { readonly id: string }) {
        const event = kept().find((one) => one.id === id);
        if (!event) throw new HoldfastError('entry_not_found', { id });
        return proofOf(event);
      },
    }),
  };
};
