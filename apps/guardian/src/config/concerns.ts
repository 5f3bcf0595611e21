import type { KernelId, ProcessName, Profile } from '@holdfast/contracts';
import { digestOf } from './settings-revision.ts';

/** Who reads a setting. `gateway` stands for every gateway process. */
export type Component = KernelId | 'gateway' | 'agent' | 'guardian';

/** `processes`: everything but the guardian. */
type Concern = readonly Component[] | 'processes' | 'everything';

/**
 * Which part of the profile concerns which process: when a value changes, just these are replaced. The longest prefix
 * counts; what is not named here concerns everything. A kernel that begins to read a key gets it added here.
 */
const CONCERNS: Readonly<Record<string, Concern>> = {
  name: 'everything',
  description: [],
  kernels: 'everything',
  'gateway.processes': ['gateway', 'guardian'],
  'agent.local': ['guardian'],
  features: ['gateway', 'governance'],
  'limits.rate_limit_rps': ['gateway'],
  'limits.max_hosts': ['infrastructure_manager'],
  'limits.max_open_changes': ['governance'],
  'limits.max_parallel_steps': ['workflow_engine'],
  'limits.max_changes_per_hour': ['governance'],
  'limits.max_ai_changes_per_hour': ['governance'],
  'limits.log_retention_days': ['guardian'],
  guardian: ['guardian'],
  'guardian.liveness_interval_ms': ['guardian', 'gateway'],
  infrastructure: ['infrastructure_manager', 'agent'],
  'infrastructure.health_interval_s': ['infrastructure_manager', 'agent', 'policy_engine'],
  librarian: ['librarian_kernel'],
  mode_keeper: ['mode_keeper'],
  gate: ['governance', 'workflow_engine'],
  config: ['governance'],
  identity: ['governance', 'gateway'],
  'security.bind_address': ['guardian'],
  'security.local_heal': ['gateway'],
  'logging.level': 'processes',
};

const prefixesOf = (path: string): string[] => {
  const parts = path.split('.');
  return parts.map((_, at) => parts.slice(0, parts.length - at).join('.'));
};

/** Whom the value at a dotted path concerns. */
export const concernOf = (path: string): Concern => {
  const prefix = prefixesOf(path).find((one) => Object.hasOwn(CONCERNS, one));
  return prefix === undefined ? 'everything' : (CONCERNS[prefix] ?? 'everything');
};

const concerns = (component: Component, path: string): boolean => {
  const concern = concernOf(path);
  if (concern === 'everything') return true;
  return concern === 'processes' ? component !== 'guardian' : concern.includes(component);
};

const componentOf = (name: ProcessName | 'guardian'): Component =>
  name.startsWith('gateway') ? 'gateway' : (name as Component);

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const flatten = (value: unknown, path: string): [string, unknown][] =>
  isMapping(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, inner]) =>
        flatten(inner, path === '' ? key : `${path}.${key}`),
      )
    : [[path, value]];

/** Names the values of a profile that concern a process: it has to be replaced when this is not what it was started with. */
export const settingsOf = (name: ProcessName | 'guardian', profile: Profile): string => {
  const component = componentOf(name);
  const own = flatten(profile, '').filter(([path]) => concerns(component, path));
  return digestOf(Object.fromEntries(own));
};
