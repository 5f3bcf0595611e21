import {
  governanceApi,
  isTerminal,
  workflowApi,
  type Change,
  type Event,
  type Principal,
} from '@holdfast/contracts';
import {
  createFakeLedger,
  createFakeOwner,
  createFakePolicy,
  createSigner,
  createWorld,
  owner as ownerPrincipal,
  type FakeOwner,
  type Signer,
  type World,
  type WorldOptions,
} from '@holdfast/testkit';
import { systemClock } from '@holdfast/sdk';
import { workflowEngine } from '../../../kernels/execution/workflow_engine/kernel.ts';
import { governance } from '../../../kernels/governance/governance/kernel.ts';

export const ann: Principal = { ...ownerPrincipal, id: 'ann' };
export const bob: Principal = { id: 'bob', kind: 'human', role: 'operator' };

/** Governance and the workflow engine together, over a fake owner of packages. */
export const createChangeWorld = async (
  options: Partial<WorldOptions> & {
    readonly fake?: FakeOwner;
    readonly before?: readonly Event[];
  } = {},
) => {
  const { fake = createFakeOwner(), ...rest } = options;
  // Events of an earlier world on the same home are in the ledger already.
  const before = rest.before ?? [];
  const ledger = createFakeLedger(() => [...before, ...world.events]);
  const world: World = await createWorld({
    kernels: [governance, workflowEngine],
    doubles: {
      infrastructure_manager: fake.ops,
      immutable_log: ledger,
      policy_engine: createFakePolicy().ops,
    },
    ...rest,
  });
  const as = (principal: Principal) => world.client(governanceApi, principal);
  const api = as(ann);

  const signers = new Map<string, Signer>();
  /** Somebody on record, with a key of their own. */
  const signerOf = async (principal: Principal): Promise<Signer> => {
    const { id } = principal;
    const known = signers.get(id);
    if (known) return known;
    const signer = createSigner(principal, () => (options.clock ?? systemClock).now());
    signers.set(id, signer);
    await as(ownerPrincipal).createPrincipal({ id, role: 'operator' });
    await signer.register(as(principal));
    return signer;
  };

  /** Waits for a version of a change that passes. */
  const until = async (id: string, pass: (change: Change) => boolean): Promise<Change> => {
    let change = await api.getChange({ id });
    while (!pass(change))
      change = await api.getChange({ id, after_version: change.version, wait_ms: 25_000 });
    return change;
  };

  return {
    world,
    fake,
    api,
    as,
    signerOf,
    /** Signs for the plan of a change as it stands, or for what is given, and hands the approval in. */
    async approve(
      id: string,
      by: Principal = bob,
      more: { readonly plan_hash?: string } = {},
    ): Promise<Change> {
      const signer = await signerOf(by);
      const change = await api.getChange({ id });
      const signature = signer.signFor(change);
      return as(by).approveChange({
        id,
        plan_hash: change.plan?.hash ?? '',
        signature,
        ...more,
      });
    },
    runs: world.client(workflowApi, ann),
    until,
    untilState: (id: string, state: Change['state']) => until(id, (one) => one.state === state),
    untilFinished: (id: string) => until(id, (one) => isTerminal(one.state)),
    repair: () => api.proposeChange({ kind: 'packages.repair', target: { host: 'local' } }),
    /** An update off the baseline; `requests==2.32.0` is a minor upgrade. */
    update: (packages: string[], requires_approval = false, by: Principal = ann) =>
      as(by).scheduleUpdate({ host_id: 'local', update_type: 'pip', packages, requires_approval }),
    /** Events of the world once all of them reached the bus. */
    async published(id: string): Promise<Event[]> {
      await world.waitForEvent(
        ({ correlationid, data }) => correlationid === id && isTerminal(data['to'] as 'done'),
      );
      return world.events.filter((event) => event.correlationid === id);
    },
  };
};

export type ChangeWorld = Awaited<ReturnType<typeof createChangeWorld>>;

/** The states that a change went through, as the events tell it. */
export const statesOf = (events: readonly Event[]): unknown[] =>
  events
    .filter(({ data }) => data['to'] !== undefined)
    .toSorted((a, b) => Number(a.data['version']) - Number(b.data['version']))
    .map(({ data }) => data['to']);
