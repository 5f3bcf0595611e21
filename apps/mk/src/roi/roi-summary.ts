import { pythonWord } from '../loop/summary-text.ts';
import type { RoiFacts } from './gather-inputs.ts';

const shown = (value: unknown): string =>
  pythonWord(typeof value === 'number' || typeof value === 'string' ? value : null);

/** roi_summary.md: what the reports are worth, at a glance. */
export const roiSummary = (facts: RoiFacts): string =>
  [
    '# Return of tuning',
    '',
    ...Object.entries(facts.inputs).map(
      ([name, { path, found }]) => `- ${name}: ${found ? path : `not there (${path})`}`,
    ),
    `- preflight ok: ${pythonWord(facts.preflight_ok)}`,
    `- top blocker: ${pythonWord(facts.top_blocker)}`,
    `- value from: ${pythonWord(facts.value_from)}`,
    `- hours: ${shown(facts.value['opportunity_hours_est'])}`,
    `- tokens: ${shown(facts.value['opportunity_tokens_est'])}`,
    `- US dollars: ${shown(facts.value['opportunity_usd_est'])}`,
    ...Object.entries(facts.totals).map(([name, value]) => `- ${name}: ${pythonWord(value)}`),
    '',
  ].join('\n');
