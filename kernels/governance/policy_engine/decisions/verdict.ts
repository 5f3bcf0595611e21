import type { PolicyRequest, PolicyVerdict } from '@holdfast/contracts';
import type { CompiledSet, Judgement } from '../cedar/compiled-set.ts';

/** A verdict that comes from no policy: everything is denied. */
export const denyAll = (why: string, revision: number): PolicyVerdict => ({
  allowed: false,
  denials: [why],
  determining: [],
  errors: [],
  revision,
});

const sayForbidden = (set: CompiledSet, id: string): string => {
  const reason = set.statement(id)?.reason;
  return reason === undefined ? `policy ${id} forbids it` : `policy ${id} forbids it: ${reason}`;
};

const nothingPermits = ({ kind, risk, author }: PolicyRequest): string =>
  `no policy permits a change of kind ${kind} and ${risk} risk by ${author.id} (${author.kind}, ${author.role})`;

const verdictOf = (
  set: CompiledSet,
  request: PolicyRequest,
  { permits, forbids, errors }: Judgement,
  revision: number,
): PolicyVerdict => {
  const denials = [
    ...forbids.map((id) => sayForbidden(set, id)),
    // What cannot be evaluated might have forbidden it.
    ...errors.map((error) => `could not be evaluated: ${error}`),
    ...(permits.length === 0 && forbids.length === 0 ? [nothingPermits(request)] : []),
  ];
  return {
    allowed: denials.length === 0,
    denials,
    determining: [...(forbids.length > 0 ? forbids : denials.length === 0 ? permits : [])],
    errors: [...errors],
    revision,
  };
};

/** Decides about one request. Whatever goes wrong on the way is a reason to deny. */
export const decideBy = (
  set: CompiledSet,
  request: PolicyRequest,
  revision: number,
): PolicyVerdict => {
  try {
    return verdictOf(set, request, set.judge(request), revision);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'the evaluation failed';
    return { ...denyAll(`could not be evaluated: ${why}`, revision), errors: [why] };
  }
};
