/**
 * Histories that once failed, with what was wrong; a test runs each. A change of what a seed means (another draw, another
 * act) makes an entry say nothing: then it is replaced by one that still shows the defect in the code as it was.
 */
export interface Regression {
  readonly seed: number;
  readonly without: readonly string[];
  readonly words: string;
}

export const REGRESSIONS: readonly Regression[] = [];
