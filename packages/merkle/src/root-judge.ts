import type { CandidateTrees } from './candidate-trees.ts';
import type { Digest } from './hash.ts';
import type { ProblemList } from './log-problem.ts';

interface SignedRoot {
  readonly size: number;
  readonly root: Digest;
}

export interface RootJudge {
  /** The size of the newest checkpoint that the log matches; 0 when there is none. */
  readonly confirmedSize: number;
  /** This entry agrees with itself but not with its level-0 tile. */
  tileDiffers(index: number): void;
  /** Compares a checkpoint with the trees, which must just have reached its size. */
  judge(checkpoint: SignedRoot): void;
  /** A checkpoint that lies beyond the log, or beyond what can be computed. */
  outOfReach(checkpoint: SignedRoot): void;
  /** Reports what no later checkpoint has settled. */
  finish(): void;
}

/**
 * Turns roots that differ into located problems. A root that does not match is only remembered:
 * if a later checkpoint matches, the entries are right and the odd checkpoint is a fork; if none
 * does, the entries since the last match were rewritten.
 */
export function createRootJudge(
  trees: CandidateTrees,
  problems: ProblemList,
  limit: number,
): RootJudge {
  let confirmedSize = 0;
  let previous: SignedRoot | undefined;
  let unmatched: number[] = [];
  let tileRuns: { start: number; end: number }[] = [];

  function reportFork(size: number): void {
    problems.add({
      kind: 'fork',
      index: size,
      message: `checkpoint of size ${size}: it signs a root of another history`,
    });
  }

  function contradictsPrevious({ size, root }: SignedRoot): boolean {
    return previous !== undefined && previous.size === size && previous.root !== root;
  }

  function settleAt(size: number, source: 'body' | 'stored' | 'tile'): void {
    unmatched.forEach(reportFork);
    for (const { start, end } of tileRuns) {
      if (source === 'tile') {
        problems.inRange('rewritten', start, end, 'body and leaf hash are not what was signed');
      } else {
        problems.inRange('tile_mismatch', start, end, 'the tile differs from the signed entries');
      }
    }
    unmatched = [];
    tileRuns = [];
    confirmedSize = size;
  }

  return {
    get confirmedSize() {
      return confirmedSize;
    },
    tileDiffers(index) {
      const last = tileRuns.at(-1);
      if (last?.end === index) last.end = index + 1;
      else if (tileRuns.length < limit) tileRuns.push({ start: index, end: index + 1 });
    },
    judge(checkpoint) {
      const { size, root } = checkpoint;
      const source = trees.settle(root);
      if (source !== undefined) settleAt(size, source);
      // The empty tree has one root, so size 0 counts as confirmed from the start.
      else if (size === confirmedSize || contradictsPrevious(checkpoint)) reportFork(size);
      else if (previous?.size !== size && unmatched.length < limit) unmatched.push(size);
      previous = checkpoint;
    },
    outOfReach(checkpoint) {
      if (contradictsPrevious(checkpoint)) reportFork(checkpoint.size);
      previous = checkpoint;
    },
    finish() {
      const first = unmatched[0];
      if (first !== undefined) {
        const what = `they do not give the root that was signed at size ${first}`;
        problems.inRange('rewritten', confirmedSize, first, what);
      }
      for (const { start, end } of tileRuns) {
        problems.inRange('rewritten', start, end, 'body and leaf hash differ from the tile');
      }
    },
  };
}
