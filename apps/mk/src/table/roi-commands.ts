import { command } from '../frame/command.ts';
import { roiCompareFlags, roiEstimateFlags, roiReportFlags } from './roi-flags.ts';

export const ROI_COMMANDS = [
  command({
    path: 'roi estimate',
    brief: 'Say what tuning could give back on a recording',
    flags: roiEstimateFlags,
    load: async () => (await import('../commands/roi-estimate.ts')).roiEstimate,
  }),
  command({
    path: 'roi mk074',
    brief: 'Replay samples with the one-knob policy and with the chords, and compare',
    flags: roiCompareFlags,
    load: async () => (await import('../commands/roi-compare.ts')).roiCompare,
  }),
  command({
    path: 'roi report',
    brief: 'Put preflight, eval and watch together into what they are worth',
    flags: roiReportFlags,
    load: async () => (await import('../commands/roi-report.ts')).roiReport,
  }),
];
