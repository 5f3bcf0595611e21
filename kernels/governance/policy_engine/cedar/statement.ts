import type { EntityUidJson, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyProblem } from '@holdfast/contracts';

/** `change`: it decides about changes. `host`: it is a limit of what a host may report. */
export type StatementRealm = 'change' | 'host';

/** One statement of a policy file, parsed. */
export interface CedarStatement {
  readonly id: string;
  readonly file: string;
  readonly effect: 'permit' | 'forbid';
  readonly text: string;
  readonly json: PolicyJson;
  readonly realm: StatementRealm;
  /** The @reason annotation: what to tell the one who is refused. */
  readonly reason: string | undefined;
}

/** `Role::admin`: type and id of an entity as one text. */
export const uidText = (uid: EntityUidJson): string => {
  const { type, id } = '__entity' in uid ? uid.__entity : uid;
  return `${type}::${id}`;
};

export const problem = (
  file: string,
  policy: string | null,
  detail: string,
  severity: PolicyProblem['severity'] = 'error',
): PolicyProblem => ({ file, policy, severity, detail });
