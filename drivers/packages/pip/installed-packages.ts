import type { ReadContext } from '@holdfast/contracts';
import { lastLines } from '../../process/last-lines.ts';
import type { ToolResult } from '../../process/run-tool.ts';
import { normalName } from './broken-distributions.ts';
import { READ_TIMEOUT_MS, runPip } from './run-pip.ts';

/** What pip lists. `extras`: by package, the Requires-Dist lines that hold only with an extra. */
export interface Installed {
  readonly packages: Record<string, string>;
  readonly extras?: Record<string, string[]>;
  readonly pipVersion?: string;
  readonly duplicates: readonly string[];
}

interface Distribution {
  readonly name?: string;
  readonly version?: string;
  readonly requires_dist?: readonly string[];
}

const EXTRA_MARKER = /;.*\bextra\s*==/;

const collect = (distributions: readonly Distribution[]): Omit<Installed, 'extras'> => {
  const packages: Record<string, string> = {};
  const duplicates: string[] = [];
  for (const { name, version } of distributions) {
    if (!name || !version) continue;
    const key = normalName(name);
    if (Object.hasOwn(packages, key) && packages[key] !== version) duplicates.push(key);
    else packages[key] = version;
  }
  return { packages, duplicates };
};

/** Format 1 of `pip inspect`: https://pip.pypa.io/en/stable/reference/inspect-report/ */
const fromInspect = (text: string): Installed => {
  const report = JSON.parse(text) as {
    pip_version: string;
    installed: { metadata: Distribution }[];
  };
  const distributions = report.installed.map(({ metadata }) => metadata);
  const extras: Record<string, string[]> = {};
  for (const { name, requires_dist: requires = [] } of distributions) {
    const lines = requires.filter((line) => EXTRA_MARKER.test(line));
    if (name && lines.length > 0) extras[normalName(name)] = lines;
  }
  return { ...collect(distributions), extras, pipVersion: report.pip_version };
};

/** `pip list`, for pip before 22.2: names and versions only. */
const fromList = (text: string): Installed => {
  const listed = collect(JSON.parse(text) as Distribution[]);
  return { ...listed, pipVersion: listed.packages.pip };
};

const readOutput = (run: ToolResult, read: (text: string) => Installed): Installed | undefined => {
  if (run.outcome !== 'exited' || run.code !== 0 || run.truncated) return undefined;
  try {
    return read(run.stdout);
  } catch {
    return undefined;
  }
};

/** Lists the packages that an interpreter's own pip knows; `problem` in pip's words when it cannot. */
export const readInstalled = async (
  python: string,
  localOnly: boolean,
  context: ReadContext,
): Promise<Installed | { problem: string }> => {
  const limits = { timeoutMs: READ_TIMEOUT_MS, ...context };
  const local = localOnly ? ['--local'] : [];
  const inspected = await runPip(python, ['inspect', ...local], limits);
  const report = readOutput(inspected, fromInspect);
  if (report) return report;
  if (inspected.outcome !== 'exited') return { problem: `pip inspect: ${inspected.outcome}` };
  const listed = await runPip(python, ['list', '--format=json', ...local], limits);
  const said = lastLines(listed.stderr) || `ended with ${listed.code ?? listed.outcome}`;
  return readOutput(listed, fromList) ?? { problem: `pip list: ${said}` };
};
