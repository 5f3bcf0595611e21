/**
 * Long histories that once failed, with what was wrong; a test runs each. A change of what a seed means (another draw, another
 * act) makes an entry say nothing: then it is replaced by one that shows the defect in the code as it was.
 */
export interface Regression {
  readonly words: string;
  readonly seed: number;
  readonly without: readonly string[];
}

export const REGRESSIONS: readonly Regression[] = [
  {
    words: 'a ledger whose connection was lost in a write refused every write after it',
    seed: 112,
    without: ['change 1 decision 1'],
  },
  {
    words:
      'a proposal whose write was not known to be made was never planned, though its repetition was answered',
    seed: 134,
    without: ['change 1 revert'],
  },
  {
    words: 'a proposal whose author heard nothing more was never planned',
    seed: 281,
    without: ['pause message_bus#8', 'drift 1'],
  },
  {
    words: 'events of a write that was not known to be made waited for the next one',
    seed: 892,
    without: ['change 1 decision 1', 'pause governance#4'],
  },
  {
    words: 'a proposal for a target that became free meanwhile was an internal error',
    seed: 113,
    without: ['change 1 decision 1', 'change 1 decision 2', 'change 2 decision 1'],
  },
];
