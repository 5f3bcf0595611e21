import { readFile } from 'node:fs/promises';
import { HoldfastError } from '@holdfast/contracts';
import type { ReadContext, StepResult } from '@holdfast/contracts';
import { toolFailure } from '../step-results.ts';
import { normalName } from './broken-distributions.ts';
import { withRequirementsFile } from './requirements-file.ts';
import { PLAN_TIMEOUT_MS, runPip } from './run-pip.ts';

/** One package that pip would install. */
export interface PlannedInstall {
  readonly name: string;
  readonly version: string;
  readonly requested: boolean;
}

/** Format 1 of pip's installation report: https://pip.pypa.io/en/stable/reference/installation-report/ */
const readReport = (text: string): PlannedInstall[] => {
  const report = JSON.parse(text) as {
    install: { requested: boolean; metadata: { name: string; version: string } }[];
  };
  return report.install.map(({ requested, metadata }) => ({
    name: normalName(metadata.name),
    version: metadata.version,
    requested,
  }));
};

/**
 * What pip would install for some lines of a requirements file, or why it would not.
 *
 * @throws HoldfastError `driver_unavailable` for a pip without `--dry-run --report` (before 22.2)
 */
export const dryRun = (
  python: string,
  lines: readonly string[],
  args: readonly string[],
  context: ReadContext,
): Promise<{ installs: PlannedInstall[] } | { failure: StepResult }> =>
  withRequirementsFile(lines, async ({ requirements, report }) => {
    const run = await runPip(
      python,
      ['install', '--dry-run', '--quiet', '--report', report, ...args, '-r', requirements],
      { timeoutMs: PLAN_TIMEOUT_MS, ...context },
    );
    if (/no such option: --(?:dry-run|report)/.test(run.stderr)) {
      const detail = `the pip of ${python} cannot do a dry run; pip 22.2 or newer is needed`;
      throw new HoldfastError('driver_unavailable', { driver: 'pip', detail });
    }
    const failure = toolFailure('pip', run);
    if (failure) return { failure };
    return { installs: readReport(await readFile(report, 'utf8')) };
  });
