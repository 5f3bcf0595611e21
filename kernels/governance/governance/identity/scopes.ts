import { allApis, HoldfastError, type Op, type ScopedOp } from '@holdfast/contracts';

/** Scopes are given to people and programs: what is internal is not theirs, and what anyone may call takes none. */
const isForScopes = (op: Op): boolean => op.role !== 'internal' && op.role !== 'anyone';

const scopedOps: readonly ScopedOp[] = allApis.flatMap((api) =>
  Object.entries(api.ops)
    .filter(([, op]) => isForScopes(op))
    .map(([name, op]) => ({ kernel: api.kernel, name, op })),
);
const kernels = new Set<string>(scopedOps.map(({ kernel }) => kernel));
const names = new Set(scopedOps.map(({ name }) => name));

const KERNEL_SCOPE = /^([a-z_]+):(\*|read)$/;
const OP_SCOPE = /^op:([A-Za-z]+)$/;
const HARD_RULES = /trip[\s_-]*wire/i;

/** Whether a scope reaches for the hard rules, which no token does. */
export const namesHardRules = (scope: string): boolean => HARD_RULES.test(scope);

const isKnown = (scope: string): boolean => {
  if (scope === '*' || scope === 'read') return true;
  const kernel = KERNEL_SCOPE.exec(scope)?.[1];
  if (kernel !== undefined) return kernels.has(kernel);
  const name = OP_SCOPE.exec(scope)?.[1];
  return name !== undefined && names.has(name);
};

/** Whether all that `scope` covers, now and in a later version, is covered by one of `held`. */
const isWithin = (scope: string, held: ReadonlySet<string>): boolean => {
  if (held.has('*') || held.has(scope)) return true;
  const [, kernel, part] = KERNEL_SCOPE.exec(scope) ?? [];
  if (kernel !== undefined) return part === 'read' && (held.has('read') || held.has(`${kernel}:*`));
  const name = OP_SCOPE.exec(scope)?.[1];
  if (name === undefined) return false;
  return scopedOps
    .filter((one) => one.name === name)
    .every(
      (one) =>
        held.has(`${one.kernel}:*`) ||
        (one.op.risk === 'read' && (held.has('read') || held.has(`${one.kernel}:read`))),
    );
};

/**
 * Checks what a token is to be good for: scopes that exist, none beyond `held` where its maker has some. Answers them
 * without repetition. Throws scope_invalid.
 */
export const checkScopes = (
  scopes: readonly string[],
  held: readonly string[] | undefined,
): string[] => {
  const refuse = (detail: string): never => {
    throw new HoldfastError('scope_invalid', { detail });
  };
  if (scopes.length === 0) refuse("a token without any is good for nothing; expected '*' at most");
  const unknown = scopes.find((scope) => !isKnown(scope));
  if (unknown !== undefined)
    refuse(
      `${JSON.stringify(unknown)} is none; expected *, read, <kernel>:*, <kernel>:read or op:<operation>`,
    );
  const had = held && new Set(held);
  const wider = had && scopes.find((scope) => !isWithin(scope, had));
  if (wider !== undefined)
    refuse(`${wider} is more than the token that asks has: ${held!.join(', ')}`);
  return [...new Set(scopes)].toSorted();
};
