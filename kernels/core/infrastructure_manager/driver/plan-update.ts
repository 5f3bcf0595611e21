import { HoldfastError } from '@holdfast/contracts';
import { isValidVersion, normalizeName, PackageInputError } from '@holdfast/versions';
import * as z from 'zod';
import { declarerOf } from '../baseline/stored-baseline.ts';
import type { AgentChannel } from '../channel/agent-channel.ts';
import type { ScanOutcome } from '../scan/scan-host.ts';
import type { StepGroup } from './package-steps.ts';
import { resolvePackages } from './resolve-packages.ts';

/** What an update asks for: `name==version` for pip, `name@version` for npm. */
export const updateIntentSchema = z.object({
  manager: z.enum(['pip', 'npm']),
  environment: z.string().max(4096).optional(),
  packages: z.array(z.string().min(1).max(300)).min(1).max(500),
});
export type UpdateIntent = z.infer<typeof updateIntentSchema>;

const refuse = (detail: string): never => {
  throw new HoldfastError('plan_failed', { detail });
};

/** Throws plan_failed for an intent of another shape. */
export const readUpdateIntent = (intent: unknown): UpdateIntent => {
  const result = updateIntentSchema.safeParse(intent);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  return refuse(`intent.${issue?.path.join('.')}: ${issue?.message}`);
};

const checkedRequirement = (manager: UpdateIntent['manager'], text: string): string => {
  const at = manager === 'pip' ? text.indexOf('==') : text.lastIndexOf('@');
  if (at <= 0) return refuse(`${JSON.stringify(text)} names no version`);
  const version = text.slice(at + (manager === 'pip' ? 2 : 1)).trim();
  if (!isValidVersion(manager, version))
    return refuse(`${JSON.stringify(version)} is not a version of ${manager}`);
  try {
    const name = normalizeName(manager, text.slice(0, at));
    return manager === 'pip' ? `${name}==${version}` : `${name}@${version}`;
  } catch (error) {
    if (!(error instanceof PackageInputError)) throw error;
    return refuse(error.message);
  }
};

/** The environment that was named, or the only bound one of the manager. Throws plan_failed naming the choices. */
const chooseEnvironment = (scan: ScanOutcome, intent: UpdateIntent): string => {
  const bound = (scan.baseline?.environments ?? [])
    .filter(({ managers }) => managers.includes(intent.manager))
    .map(({ path }) => path);
  if (intent.environment !== undefined) return intent.environment;
  const [only, ...others] = bound;
  if (only === undefined) return refuse(`no environment of ${intent.manager} is bound: name one`);
  if (others.length > 0)
    return refuse(`several environments are bound, name one: ${bound.join(', ')}`);
  return only;
};

/** What it takes to install given versions, whatever the baseline says. */
export const planUpdate = async (
  scan: ScanOutcome,
  intent: UpdateIntent,
  channel: AgentChannel,
): Promise<StepGroup[]> => {
  const { manager } = intent;
  const requirements = intent.packages.map((text) => checkedRequirement(manager, text));
  const environment = chooseEnvironment(scan, intent);
  const entries = (scan.baseline?.entries ?? []).filter(
    (entry) => entry.manager === manager && entry.environment === environment,
  );
  const options = manager === 'pip' ? (scan.baseline?.options ?? []) : [];
  const request = { manager, environment, requirements, options };
  const operations = await resolvePackages(channel, scan.host, request);
  if (operations.length === 0) throw new HoldfastError('nothing_to_do', { host: scan.host });
  const declarer = scan.baseline && declarerOf(scan.baseline);
  return [{ manager, environment, operations, options, entries, declarer, repair: false }];
};
