import { HoldfastError, type PolicyRequest, type PolicyVerdict } from '@holdfast/contracts';

/** The double of a policy engine: everything is allowed unless told otherwise. */
export interface FakePolicy {
  /** What stands against every change, in words. */
  denials: string[];
  away: boolean;
  readonly asked: PolicyRequest[];
  readonly ops: Readonly<Record<string, (input: never) => unknown>>;
}

export const createFakePolicy = (): FakePolicy => {
  const fake: FakePolicy = { denials: [], away: false, asked: [], ops: {} };
  const decidePolicies = ({ request }: { request: PolicyRequest }): PolicyVerdict => {
    if (fake.away) throw new HoldfastError('kernel_unavailable', { kernel: 'policy_engine' });
    fake.asked.push(request);
    const { denials } = fake;
    return {
      allowed: denials.length === 0,
      denials,
      determining: ['fake'],
      errors: [],
      revision: 1,
    };
  };
  return Object.assign(fake, { ops: { decidePolicies } });
};
