const USAGE = `usage: node trainer.mjs [--loops N]
Trains a small network on the CPU, with knobs from Downward API annotations, and writes one JSON line per loop.

  --loops N                     end after N loops (default: go on until a signal comes)
  MODEKEEPER_ANNOTATIONS_FILE   where the annotations are (default /etc/podinfo/annotations)
  MODEKEEPER_LOOP_INTERVAL_S    seconds of training in a loop (default 2; 0: one step)
  NODE_NAME                     told in each line, where it is set
`;

const LONGEST_S = 3600;

/** `{ settings }`, or `{ usage }` when help was asked for, or `{ problem }` in one line. */
export const parseSettings = (args, env) => {
  let loops = Infinity;
  for (let i = 0; i < args.length; i += 1) {
    if (args[i] === '--help' || args[i] === '-h') return { usage: USAGE };
    if (args[i] !== '--loops') return { problem: `unknown argument '${args[i]}' (see --help)` };
    i += 1;
    if (!/^[1-9]\d{0,8}$/.test(args[i] ?? ''))
      return { problem: `--loops needs a whole number from 1, got '${args[i] ?? ''}'` };
    loops = Number(args[i]);
  }
  const interval = env.MODEKEEPER_LOOP_INTERVAL_S || '2';
  const seconds = /^\d+(\.\d+)?$/.test(interval) ? Number(interval) : Number.NaN;
  if (!(seconds <= LONGEST_S))
    return { problem: `MODEKEEPER_LOOP_INTERVAL_S is '${interval}', expected 0 to ${LONGEST_S}` };
  return {
    settings: {
      loops,
      intervalMs: seconds * 1000,
      annotationsFile: env.MODEKEEPER_ANNOTATIONS_FILE || '/etc/podinfo/annotations',
      node: env.NODE_NAME,
    },
  };
};
