import {
  governanceApi,
  HoldfastError,
  isHoldfastError,
  kernelPrincipal,
  type Change,
  type Plan,
  type Principal,
  type RunReportInput,
} from '@holdfast/contracts';
import {
  createFakeLedger,
  createFakeOwner,
  createFakePolicy,
  createSigner,
  createWorld,
  fakeLedgerSigner,
  owner,
  type Signer,
  type World,
  type WorldOptions,
} from '@holdfast/testkit';
import { systemClock } from '@holdfast/sdk';
import { governance } from '../kernel.ts';

export const ann: Principal = { id: 'ann', kind: 'human', role: 'admin' };
export const bob: Principal = { id: 'bob', kind: 'human', role: 'operator' };
export const cid: Principal = { id: 'cid', kind: 'human', role: 'operator' };
export const dan: Principal = { id: 'dan', kind: 'human', role: 'operator' };
export const robot: Principal = { id: 'robot', kind: 'ai', role: 'admin' };

/** Governance alone: a fake owner of packages, a ledger, and a workflow engine that only takes runs in. */
export const createGovernanceWorld = async (options: Partial<WorldOptions> = {}) => {
  const { doubles: _doubles, ...rest } = options;
  const fake = createFakeOwner();
  const policy = createFakePolicy();
  const started: Plan[] = [];
  const faults = { ledger: false, workflow: false, signer: 'fake-ledger' };
  const away = (kernel: string): never => {
    throw new HoldfastError('kernel_unavailable', { kernel });
  };
  const ledger = createFakeLedger(
    () => (faults.ledger ? away('immutable_log') : world.events),
    () => fakeLedgerSigner(faults.signer),
  );
  const startRun = ({ plan }: { plan: Plan }): object => {
    if (faults.workflow) away('workflow_engine');
    started.push(plan);
    return {};
  };
  const world: World = await createWorld({
    kernels: [governance],
    doubles: {
      infrastructure_manager: fake.ops,
      immutable_log: ledger,
      workflow_engine: { startRun },
      policy_engine: policy.ops,
      ...options.doubles,
    },
    ...rest,
  });
  const as = (principal: Principal) => world.client(governanceApi, principal);
  const api = as(ann);
  const until = async (id: string, pass: (change: Change) => boolean): Promise<Change> => {
    let change = await api.getChange({ id });
    while (!pass(change)) {
      change = await api.getChange({ id, after_version: change.version, wait_ms: 25_000 });
      // A kernel that was stopped answers at once, for ever: the test has to be able to end.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return change;
  };
  /** Puts somebody on record, with a key of their own where they are a person. */
  const enrol = async (principal: Principal, person?: string): Promise<Signer> => {
    const { id, kind, role } = principal;
    await as(owner).createPrincipal({
      id,
      kind: kind === 'ai' ? 'ai' : 'human',
      role: role as 'admin',
      ...(person === undefined ? {} : { person }),
    });
    const signer = createSigner(principal, () => (options.clock ?? systemClock).now());
    if (kind === 'human') await signer.register(as(principal));
    return signer;
  };

  return {
    world,
    fake,
    policy,
    enrol,
    /** Signs for the plan of a change as it stands and hands the approval in. */
    async approve(id: string, signer: Signer): Promise<Change> {
      const change = await api.getChange({ id });
      const plan_hash = change.plan?.hash ?? '';
      const signature = signer.signFor(change);
      return as(signer.principal).approveChange({ id, plan_hash, signature });
    },
    started,
    faults,
    api,
    as,
    until,
    untilState: (id: string, state: Change['state']) => until(id, (one) => one.state === state),
    repair: (key?: string) =>
      api.proposeChange(
        { kind: 'packages.repair', target: { host: 'local' } },
        key === undefined ? {} : { idempotencyKey: key },
      ),
    /** Reports like the workflow engine would. */
    report: (id: string, seq: number, more: Partial<RunReportInput>) =>
      world.client(governanceApi, kernelPrincipal('workflow_engine')).reportRun({
        id,
        seq,
        state: 'applying',
        steps: [],
        observation: null,
        detail: '',
        needs_revert: false,
        ...more,
      }),
  };
};

export type GovernanceWorld = Awaited<ReturnType<typeof createGovernanceWorld>>;

/** The code with which a call is refused. */
export const refusal = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
  } catch (error) {
    if (isHoldfastError(error)) return error.code;
    throw error;
  }
  return 'not refused';
};
