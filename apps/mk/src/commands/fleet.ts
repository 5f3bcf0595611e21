import { createHash } from 'node:crypto';
import { openOutDir } from '../artifacts/out-dir.ts';
import { readJson } from '../artifacts/read-json.ts';
import { compactJson } from '../artifacts/sorted-json.ts';
import { secondStamp } from '../artifacts/times.ts';
import { lazyCluster } from '../cluster/lazy-cluster.ts';
import { policyPlan, type DesiredPolicy } from '../fleet/policy-plan.ts';
import { contextNames, readContexts } from '../fleet/read-contexts.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import { PASSPORTS } from '../passports/templates.ts';
import { validatePassport } from '../passports/validate-passport.ts';
import type { inventoryFlags, policyFlags } from '../table/fleet-flags.ts';

/** Lists the namespaces and deployments of each context. A context that does not answer says so. */
export const fleetInventory: CommandRun<typeof inventoryFlags> = async (flags, context) => {
  const { env, now, print } = context;
  const out = openOutDir(flags.out, now);
  const cluster = await lazyCluster(env)();
  const contexts = await readContexts(cluster, await contextNames(cluster, flags));
  const { latestPath } = out.report('inventory', {
    schema: 'inventory.v0',
    generated_at: secondStamp(now()),
    contexts: contexts.map(({ deployments, ...rest }) => ({
      ...rest,
      deployments: deployments.map(({ namespace, name }) => ({ namespace, name })),
    })),
  });
  print(`${contexts.length} contexts: ${latestPath}`);
  return EXIT.done;
};

const policyOf = (name: string): DesiredPolicy => {
  const read = Object.hasOwn(PASSPORTS, name) ? { value: PASSPORTS[name] } : readJson(name);
  if ('failure' in read && read.failure !== undefined)
    throw new MkError(
      `--policy ${name}: neither a template (${Object.keys(PASSPORTS).join(', ')}) nor a file of JSON`,
    );
  const errors = validatePassport(read.value);
  if (errors.length > 0) throw new MkError(`--policy ${name}: ${errors.join('; ')}`);
  const sha256 = createHash('sha256').update(compactJson(read.value)).digest('hex');
  return { policy_ref: name, sha256, version_short: sha256.slice(0, 12) };
};

/** Plans which deployments would get a policy. Changes nothing. */
export const fleetPolicy: CommandRun<typeof policyFlags> = async (flags, context) => {
  const { env, now, print } = context;
  const desired = policyOf(flags.policy);
  const out = openOutDir(flags.out, now);
  const cluster = await lazyCluster(env)();
  const contexts = await readContexts(cluster, await contextNames(cluster, flags));
  const { latestPath } = out.report('policy_propagation', {
    schema: 'policy_propagation.v0',
    generated_at: secondStamp(now()),
    desired_policy: desired,
    contexts: policyPlan(contexts, desired),
  });
  print(`plan for ${contexts.length} contexts: ${latestPath}`);
  return EXIT.done;
};
