import type { Observation } from '@holdfast/contracts';

export interface WatchVerdict {
  readonly pass: boolean;
  readonly reason: string;
}

const LISTED = 5;

const listed = (differences: readonly string[]): string => {
  if (differences.length === 0) return '';
  const more = differences.length - LISTED;
  const tail = more > 0 ? `; and ${more} more` : '';
  return `: ${differences.slice(0, LISTED).join('; ')}${tail}`;
};

/** Judges what was seen after a change. Only what was seen to be as planned passes: missing data fails closed. */
export const observationVerdict = (observation: Observation | null): WatchVerdict => {
  if (observation === null) return { pass: false, reason: 'nothing was observed' };
  const { status, detail, differences } = observation;
  switch (status) {
    case 'as_planned':
      return { pass: true, reason: detail || 'the target is as planned' };
    case 'different':
      return { pass: false, reason: `${detail || 'the target differs'}${listed(differences)}` };
    default:
      return { pass: false, reason: `the result is unknown: ${detail || 'no data'}` };
  }
};
