import { runTool } from '../../process/run-tool.ts';
import type { ToolResult, ToolRun } from '../../process/run-tool.ts';
import { toolEnvironment } from '../../process/tool-environment.ts';

export const READ_TIMEOUT_MS = 120_000;
export const PLAN_TIMEOUT_MS = 300_000;

/**
 * Settings that say which registry is used and how it is reached stay in force. These say what is changed and how npm
 * talks, which is for the driver to decide; the rest is what npm tells the scripts that it runs itself.
 */
const DECIDED_HERE = [
  'all|also|depth|dev|dry_run|force|global|global_style|if_present|ignore_scripts|include|include_workspace_root',
  'install_links|install_strategy|json|legacy_bundling|legacy_peer_deps|link|local_prefix|location|loglevel|long',
  'omit|only|optional|package_lock|package_lock_only|parseable|prefer_dedupe|production|save.*|shrinkwrap',
  'strict_peer_deps|tag|workspaces?',
].join('|');
const DROPPED = new RegExp(
  `^(?:NODE_ENV|INIT_CWD|npm_(?:command|execpath|node_execpath|lifecycle_.*|package_.*)|npm_config_(?:${DECIDED_HERE}))$`,
  'i',
);

export type NpmLimits = Pick<ToolRun, 'timeoutMs' | 'signal' | 'onSpawn' | 'onStart'>;

/** Runs npm in a folder, which is also where it looks for `.npmrc`. */
export const runNpm = (
  folder: string,
  args: readonly string[],
  limits: NpmLimits,
): Promise<ToolResult> =>
  runTool({
    command: 'npm',
    args: ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error', ...args],
    cwd: folder,
    env: toolEnvironment(DROPPED),
    ...limits,
  });

/** The `npm 10.8.2` that npm says on stderr when it runs with `--loglevel=info`. */
export const npmVersionIn = (stderr: string): string | undefined =>
  /^npm (?:info )?using (npm@\S+)/m.exec(stderr)?.[1]?.replace('@', ' ');

/**
 * Installs what the package.json of a staging folder says.
 *
 * Lifecycle scripts stay off: they are arbitrary code of whoever published the package, run with the rights of the
 * agent, and they would run before anyone could look at the result. A package that needs its scripts has to be built
 * by its owner; what was built before stays, because packages that a step does not name are not touched. Peer
 * dependencies are not added, because the step names everything that is to be there.
 */
export const installStaged = (
  folder: string,
  mode: 'apply' | 'plan',
  strategy: 'hoisted' | 'nested',
  limits: NpmLimits,
): Promise<ToolResult> =>
  runNpm(
    folder,
    [
      'install',
      '--ignore-scripts',
      '--legacy-peer-deps',
      `--install-strategy=${strategy}`,
      '--include=dev',
      '--include=optional',
      '--no-global',
      `--prefix=${folder}`,
      ...(mode === 'plan' ? ['--package-lock-only'] : ['--no-save']),
    ],
    limits,
  );
