import type { Schema, SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import { CHANGE_KINDS } from '@holdfast/contracts';

/** The action of host limits; everything else is a kind of change. */
export const REPORT_ACTION = 'host.report';
/** The group of all kinds of change; `packages.update` is in the group `packages` besides. */
export const ALL_CHANGES = 'change';

type Shape = NonNullable<SchemaJson<string>[string]['entityTypes'][string]>;
type Attributes = Record<string, { type: string; required?: boolean; element?: { type: string } }>;

const strings = { type: 'Set', element: { type: 'String' } } as const;
const text = { type: 'String' } as const;
const number = { type: 'Long' } as const;
const flag = { type: 'Boolean' } as const;

/** What every author, change and host has: attributes that a policy may use without asking whether they are there. */
export const AUTHOR = { id: text, kind: text, role: text } as const;
export const CHANGE = {
  id: text,
  kind: text,
  owner: text,
  class: text,
  target: text,
  risk: text,
  risk_level: number,
  undo: flag,
  automatic: flag,
  toward_baseline: flag,
  major: flag,
  steps: number,
  movements: strings,
  drivers: strings,
  actions: strings,
  has_host: flag,
  os: text,
  capabilities: strings,
} as const;
export const MOMENT = {
  time: { type: 'Extension', name: 'datetime' },
  hour: number,
  minute: number,
  weekday: text,
  host_violations: strings,
} as const;
export const HOST = { id: text, os: text, capabilities: strings } as const;

const LOAD = {
  cpu_percent: { type: 'Long', required: false },
  memory_percent: { type: 'Long', required: false },
} as const;

const record = (attributes: object) => ({
  type: 'Record' as const,
  attributes: attributes as Attributes,
});
const entity = (attributes: object, ...memberOfTypes: string[]): Shape => ({
  shape: record(attributes) as never,
  memberOfTypes,
});

export const groupOf = (kind: string): string | undefined =>
  kind.includes('.') ? kind.slice(0, kind.indexOf('.')) : undefined;

/** The groups that a kind of change is in. */
export const groupsOf = (kind: string): string[] => {
  const group = groupOf(kind);
  return group === undefined ? [ALL_CHANGES] : [group, ALL_CHANGES];
};

/**
 * The schema of policies about changes. Principal: an `Author` in its roles (an admin is in `operator` too). Action: the
 * kind of the change. Resource: the `Change`, in its `Target`, and in `Host` and `Os` where it concerns one.
 */
const changeSchema = (): SchemaJson<string> => {
  const groups = new Set([ALL_CHANGES, ...CHANGE_KINDS.flatMap((kind) => groupOf(kind) ?? [])]);
  const appliesTo = {
    principalTypes: ['Author'],
    resourceTypes: ['Change'],
    context: record({ ...MOMENT, ...LOAD }) as never,
  };
  const parents = (ids: readonly string[]) => ids.map((id) => ({ id }));
  return {
    '': {
      entityTypes: {
        Role: entity({}, 'Role'),
        Author: entity(AUTHOR, 'Role'),
        Os: entity({}),
        Host: entity({}, 'Os'),
        Target: entity({}),
        Change: entity(CHANGE, 'Host', 'Os', 'Target'),
      },
      actions: Object.fromEntries([
        ...[...groups].map((id) => [
          id,
          { memberOf: id === ALL_CHANGES ? [] : parents([ALL_CHANGES]) },
        ]),
        ...CHANGE_KINDS.map((id) => [id, { appliesTo, memberOf: parents(groupsOf(id)) }]),
      ]),
    },
  };
};

/** The schema of limits: forbids about what a host reported. */
const hostSchema = (): SchemaJson<string> => ({
  '': {
    entityTypes: {
      Reporter: entity({}),
      Os: entity({}),
      Host: entity({ ...HOST, ...LOAD }, 'Os'),
    },
    actions: {
      [REPORT_ACTION]: {
        appliesTo: {
          principalTypes: ['Reporter'],
          resourceTypes: ['Host'],
          context: record({}) as never,
        },
      },
    },
  },
});

export const SCHEMAS: Readonly<Record<'change' | 'host', Schema>> = {
  change: changeSchema(),
  host: hostSchema(),
};
