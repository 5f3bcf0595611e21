import { createHash } from 'node:crypto';
import type { PolicyFile, PolicyRequest } from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';
import { changeFacts, hostFacts, type CedarFacts, type PolicyHost } from './cedar-facts.ts';
import { compileConditions } from './compiled-statement.ts';
import { createPolicyIndex } from './policy-index.ts';
import type { Outcome, Reference } from './reference.ts';
import type { CedarStatement, StatementRealm } from './statement.ts';

/** SHA-256 (hex) of the canonical JSON (RFC 8785) of the files, sorted by name. */
export const checksumOf = (files: readonly PolicyFile[]): string => {
  const sorted = files
    .map(({ name, text }) => ({ name, text }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return createHash('sha256').update(canonicalize(sorted)).digest('hex');
};

/** What a set of policies says to a change, before it is put into words. */
export interface Judgement extends Outcome {
  /** Ids of the limits that the host exceeds. */
  readonly violations: readonly string[];
}

/** A set of policies, indexed and ready to decide. */
export interface CompiledSet {
  readonly checksum: string;
  readonly files: readonly PolicyFile[];
  readonly statements: readonly CedarStatement[];
  statement(id: string): CedarStatement | undefined;
  judge(request: PolicyRequest): Judgement;
  /** The same by the reference evaluator and without the index. Throws where there is no reference. */
  judgeByReference(request: PolicyRequest): Judgement;
  /** The limits that a host exceeds. Throws when one of them cannot be evaluated. */
  violations(host: PolicyHost): readonly CedarStatement[];
}

const KNOWN_HOSTS = 2_000;

interface Realm {
  ask(facts: CedarFacts): Outcome;
  askReference(facts: CedarFacts): Outcome;
}

const byReference = (
  reference: Reference | undefined,
  statements: readonly CedarStatement[],
  facts: CedarFacts,
): Outcome => {
  if (!reference) throw new Error('the reference evaluator is not loaded');
  return reference.evaluate(statements, facts);
};

const openRealm = (
  all: readonly CedarStatement[],
  realm: StatementRealm,
  reference: Reference | undefined,
): Realm => {
  const statements = all.filter((one) => one.realm === realm);
  const index = createPolicyIndex(statements);
  const compiled = statements.map((statement) => compileConditions(statement));

  const ask = (facts: CedarFacts): Outcome => {
    const [permits, forbids, errors]: [string[], string[], string[]] = [[], [], []];
    const others: CedarStatement[] = [];
    for (const place of index.candidates(facts)) {
      const statement = statements[place]!;
      const holds = compiled[place]?.(facts);
      if (holds === undefined) others.push(statement);
      else if (typeof holds === 'object') errors.push(`policy ${statement.id}: ${holds.error}`);
      else if (holds) (statement.effect === 'permit' ? permits : forbids).push(statement.id);
    }
    if (others.length > 0) {
      const rest = byReference(reference, others, facts);
      permits.push(...rest.permits);
      forbids.push(...rest.forbids);
      errors.push(...rest.errors);
    }
    return { permits, forbids, errors };
  };
  return { ask, askReference: (facts) => byReference(reference, statements, facts) };
};

/** Whether a statement is in the part of the language that only the reference evaluator knows. */
export const needsReference = (statement: CedarStatement): boolean =>
  compileConditions(statement) === undefined;

/** Makes parsed and validated statements ready to decide. `reference` where a statement needs it. */
export const openSet = (
  files: readonly PolicyFile[],
  statements: readonly CedarStatement[],
  reference?: Reference,
): CompiledSet => {
  const byId = new Map(statements.map((one) => [one.id, one]));
  const changes = openRealm(statements, 'change', reference);
  const hosts = openRealm(statements, 'host', reference);
  const known = new Map<string, readonly CedarStatement[]>();

  const limitsOf = ({ forbids, errors }: Outcome): readonly CedarStatement[] => {
    if (errors.length > 0) throw new Error(errors.join('; '));
    return forbids.toSorted().map((id) => byId.get(id)!);
  };
  const violations = (host: PolicyHost): readonly CedarStatement[] => {
    const facts = hostFacts(host);
    const key = JSON.stringify([host.id, facts.resource.attrs]);
    const before = known.get(key);
    if (before) return before;
    const found = limitsOf(hosts.ask(facts));
    if (known.size >= KNOWN_HOSTS) known.clear();
    known.set(key, found);
    return found;
  };
  const idsOf = (limits: readonly CedarStatement[]) => limits.map(({ id }) => id);

  return {
    checksum: checksumOf(files),
    files,
    statements,
    statement: (id) => byId.get(id),
    violations,
    judge(request) {
      const exceeded = request.host ? idsOf(violations(request.host)) : [];
      return { ...changes.ask(changeFacts(request, exceeded)), violations: exceeded };
    },
    judgeByReference(request) {
      const exceeded = request.host
        ? idsOf(limitsOf(hosts.askReference(hostFacts(request.host))))
        : [];
      return { ...changes.askReference(changeFacts(request, exceeded)), violations: exceeded };
    },
  };
};
