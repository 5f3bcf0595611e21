import { KERNEL_IDS } from '@holdfast/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startStages } from './start-order.ts';

describe('startStages', () => {
  it('has the bus first, the ledger second, and the rest together', () => {
    expect(startStages(['governance', 'immutable_log', 'workflow_engine', 'message_bus'])).toEqual([
      ['message_bus'],
      ['immutable_log'],
      ['governance', 'workflow_engine'],
    ]);
  });

  it('starts each kernel exactly once and has no empty stage, whatever is enabled', () => {
    fc.assert(
      fc.property(fc.subarray([...KERNEL_IDS]), (kernels) => {
        const stages = startStages(kernels);
        expect(stages.flat().toSorted()).toEqual(kernels.toSorted());
        for (const stage of stages) expect(stage.length).toBeGreaterThan(0);
      }),
    );
  });
});
