import { join } from 'node:path';
import type { Coverage, Inventory, ReadContext } from '@holdfast/contracts';
import { lastLines } from '../../process/last-lines.ts';
import { globalRoot, findNodeProject } from './node-project.ts';
import { readNodeModules, versionsOf } from './node-modules.ts';
import type { TopPackage } from './node-modules.ts';
import { npmVersionIn, READ_TIMEOUT_MS, runNpm } from './run-npm.ts';
import { isSetAside } from './staging.ts';

const MAX_REASON = 2000;
/** What `npm ls` calls a tree that does not follow package.json; that is for drift to say. */
const TREE_PROBLEMS = 'ELSPROBLEMS';

type Listing = { version?: string } & (
  { names: string[] } | { problem: string; missing?: boolean }
);

/** Names that `npm ls` says are there. It ends with 1 when something is wrong with the tree: that is an answer. */
const listPackages = async (root: string, context: ReadContext): Promise<Listing> => {
  const args = ['ls', '--json', '--depth=0', '--loglevel=info', `--prefix=${root}`];
  const run = await runNpm(root, args, { timeoutMs: READ_TIMEOUT_MS, ...context });
  if (run.outcome === 'missing') return { problem: 'npm is not on this machine', missing: true };
  if (run.outcome !== 'exited') return { problem: `npm ls: ${run.outcome}` };
  const version = npmVersionIn(run.stderr);
  try {
    const tree = JSON.parse(run.stdout) as {
      error?: { code?: string; summary?: string };
      dependencies?: Record<string, { version?: string; missing?: boolean }>;
    };
    if (tree.error && tree.error.code !== TREE_PROBLEMS) {
      return { version, problem: `npm ls: ${tree.error.summary ?? 'it broke'}` };
    }
    const listed = Object.entries(tree.dependencies ?? {});
    const present = listed.filter(([, { version: has, missing }]) => has && !missing);
    return { version, names: present.map(([name]) => name) };
  } catch {
    return { version, problem: `npm ls: ${lastLines(run.stderr) || `ended with ${run.code}`}` };
  }
};

const coverageOf = (reasons: readonly string[], scanned: string[]): Coverage =>
  reasons.length === 0
    ? { status: 'complete', scanned }
    : { status: 'partial', reason: reasons.join('; ').slice(0, MAX_REASON), scanned };

const brokenReasons = (packages: readonly TopPackage[]): string[] =>
  packages.flatMap(({ name, broken }) => (broken === undefined ? [] : [`${name}: ${broken}`]));

const record = (
  environment: string,
  packages: Record<string, string>,
  coverage: Coverage,
  version?: string,
): Inventory => ({
  manager: 'npm',
  environment,
  packages,
  tool_version: version,
  coverage,
  scanned_at: new Date().toISOString(),
});

/**
 * The packages at the top of a project's node_modules, read from the files themselves: what `require` finds. `npm ls`
 * is asked as well, and where it breaks or names a package that is not there the scan is `partial`.
 */
export const readProject = async (path: string, context: ReadContext): Promise<Inventory> => {
  const root = await findNodeProject(path);
  if (root === undefined) {
    const reason = `${path} has neither a package.json nor a node_modules folder`;
    return record(path, {}, { status: 'failed', reason, scanned: [] });
  }
  const modules = join(root, 'node_modules');
  const [listing, packages, setAside] = await Promise.all([
    listPackages(root, context),
    readNodeModules(modules),
    isSetAside(root),
  ]);
  const present = new Set(packages.map(({ name }) => name));
  const reasons = brokenReasons(packages);
  if (setAside) reasons.push('an interrupted step left node_modules aside');
  if ('problem' in listing) reasons.push(listing.problem);
  else {
    const unseen = listing.names.filter((name) => !present.has(name));
    reasons.push(...unseen.map((name) => `npm ls lists ${name}, which is not in node_modules`));
  }
  const coverage = coverageOf(reasons, [modules]);
  const isAbsent = 'missing' in listing && listing.missing === true;
  return record(
    path,
    versionsOf(packages),
    isAbsent ? { ...coverage, status: 'absent' } : coverage,
    listing.version,
  );
};

/** Globally installed packages: read, never changed. */
export const readGlobal = async (context: ReadContext): Promise<Inventory> => {
  const found = await globalRoot(context);
  if ('missing' in found) {
    const coverage: Coverage = found.missing
      ? { status: 'absent', reason: 'npm is not on this machine', scanned: [] }
      : { status: 'failed', reason: 'npm does not say where its global packages are', scanned: [] };
    return record('system', {}, coverage);
  }
  const packages = await readNodeModules(found.root);
  const coverage = coverageOf(brokenReasons(packages), [found.root]);
  return record('system', versionsOf(packages), coverage, found.version);
};
