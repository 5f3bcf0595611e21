import type { Distress } from '../signals/detect-distress.ts';
import type { Action } from './action.ts';

/**
 * Answers to distress. Both stand under advanced chords, so that nothing is applied without an approval: smaller buckets
 * start the exchange of gradients earlier, and a longer timeout keeps a slow job alive until somebody has looked.
 */
export const proposeGuards = (distress: Distress): Action[] => [
  ...(distress.comm_congestion
    ? [{ knob: 'comm_bucket_mb', target: 64, reason: 'comm_congestion', chord: 'COMM-CONGESTION' }]
    : []),
  ...(distress.near_hang
    ? [
        {
          knob: 'timeout_ms',
          target: 30_000,
          reason: 'near_hang',
          chord: 'NEAR-HANG/TIMEOUT-GUARD',
        },
      ]
    : []),
];
