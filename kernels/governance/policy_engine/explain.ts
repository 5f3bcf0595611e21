import { isPlanned, policyRequestOf } from '@holdfast/change';
import {
  HoldfastError,
  isHoldfastError,
  type Host,
  type OpOutput,
  type OpParsed,
  type PolicyRequest,
  type policyApi,
} from '@holdfast/contracts';
import type { CedarStatement } from './cedar/statement.ts';
import type { PolicyContext } from './config.ts';
import type { DecisionLog } from './decisions/decision-log.ts';
import { decideBy, denyAll } from './decisions/verdict.ts';
import type { InForce } from './sets/in-force.ts';

type ExplainOp = (typeof policyApi)['ops']['explainPolicy'];

export const statementRecord = ({ id, file, effect, text }: CedarStatement) => ({
  id,
  file,
  effect,
  text,
});

const hostOf = async (
  { needs, signal }: PolicyContext,
  target: Readonly<Record<string, string>>,
): Promise<Host | null> => {
  const { host } = target;
  if (host === undefined) return null;
  try {
    return await needs.infrastructure.getHost({ id: host }, { signal });
  } catch (error) {
    if (isHoldfastError(error, 'host_not_found')) return null;
    throw error;
  }
};

/** The question about a change as it stands now, by the author that it was decided for. */
const requestAbout = async (
  context: PolicyContext,
  decisions: DecisionLog,
  id: string,
): Promise<PolicyRequest> => {
  const change = await context.needs.governance.getChange({ id }, { signal: context.signal });
  const decided = await decisions.about(id);
  if (decided && !isPlanned(change)) return decided.request;
  if (!isPlanned(change)) {
    const detail = `change ${id} has no plan yet: there is nothing that policies could look at`;
    throw new HoldfastError('invalid_input', { detail });
  }
  if (!decided) {
    const detail = `no policy was asked about change ${id}: give the request instead of the change`;
    throw new HoldfastError('invalid_input', { detail });
  }
  const host = await hostOf(context, change.target);
  const { author, automatic } = decided.request;
  return policyRequestOf(change, { author, automatic, host, at: context.clock.iso() });
};

/** Which statements of the policies in force decide about a change, or about a request as described. */
export const explain = async (
  context: PolicyContext,
  inForce: InForce,
  decisions: DecisionLog,
  { change, request: described }: OpParsed<ExplainOp>,
): Promise<OpOutput<ExplainOp>> => {
  if ((change === undefined) === (described === undefined))
    throw new HoldfastError('invalid_input', { detail: 'expected either change or request' });
  const request = described ?? (await requestAbout(context, decisions, change!));
  const { revision, set, broken } = inForce.now();
  if (!set) return { request, verdict: denyAll(broken!, revision.revision), statements: [] };
  const verdict = decideBy(set, request, revision.revision);
  const statements = verdict.determining.flatMap((id) => {
    const statement = set.statement(id);
    return statement ? [statementRecord(statement)] : [];
  });
  return { request, verdict, statements };
};
