import { openOutDir } from '../artifacts/out-dir.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import { gatherInputs } from '../roi/gather-inputs.ts';
import { roiSummary } from '../roi/roi-summary.ts';
import type { roiReportFlags } from '../table/roi-flags.ts';

/** Puts reports that are there together into what they are worth; one that is missing is named as that. */
export const roiReport: CommandRun<typeof roiReportFlags> = async (flags, { now, print }) => {
  const facts = gatherInputs(flags);
  const found = Object.values(facts.inputs).filter((input) => input.found);
  if (found.length === 0)
    throw new MkError(
      `none of these is a report: ${Object.values(facts.inputs)
        .map(({ path }) => path)
        .join(', ')}`,
    );
  const out = openOutDir(flags.out, now);
  out.explain('roi_report_start', { inputs: facts.inputs });
  const { value, ...rest } = facts;
  const { path, latestPath } = out.report('roi', { schema_version: 'roi.v0', ...rest, ...value });
  out.text('roi_summary.md', roiSummary(facts));
  out.explain('roi_report', { report_path: path, value_from: facts.value_from });
  print(`${found.length} of ${Object.keys(facts.inputs).length} reports: ${latestPath}`);
  return EXIT.done;
};
