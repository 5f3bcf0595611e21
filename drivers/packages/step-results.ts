import type { StepResult } from '@holdfast/contracts';
import type { ToolResult } from '../process/run-tool.ts';
import { lastLines } from '../process/last-lines.ts';

const MAX_DETAIL = 4000;

export const succeeded = (detail: string): StepResult => ({
  status: 'succeeded',
  detail: detail.slice(0, MAX_DETAIL),
});

export const failed = (detail: string, code = 'step_failed'): StepResult => ({
  status: 'failed',
  code,
  detail: detail.slice(0, MAX_DETAIL),
});

/** Why a tool did not do its work, in its own last words; undefined when it did. */
export const toolFailure = (tool: string, run: ToolResult): StepResult | undefined => {
  const said = lastLines(run.stderr || run.stdout);
  const because = said === '' ? '' : `: ${said}`;
  switch (run.outcome) {
    case 'missing':
      return failed(`${tool} is not on this machine`, 'driver_unavailable');
    case 'timeout':
      return failed(`${tool} was ended at its time limit${because}`, 'step_timeout');
    case 'aborted':
      return failed(`${tool} was ended on request${because}`);
    case 'exited':
      return run.code === 0 ? undefined : failed(`${tool} ended with ${run.code}${because}`);
  }
};
