import { execFile } from 'node:child_process';

const LIMIT_MS = 2_000;
const QUERY = [
  '--query-gpu=name,utilization.gpu,memory.used,memory.total',
  '--format=csv,noheader,nounits',
];

const numberOf = (text) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined);
const most = (values) => {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.max(...known) : null;
};

/** Lines `name, busy percent, MiB used, MiB in all`; what a card does not tell (`[N/A]`) is left out. */
export const parseCards = (text) =>
  text
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .filter((cells) => cells.length >= 4)
    .map((cells) => {
      // A name may hold commas; the numbers are the last three cells.
      const [busy, used, total] = cells.slice(-3).map(numberOf);
      const share = used !== undefined && total ? (100 * used) / total : undefined;
      return { name: cells.slice(0, -3).join(', '), busy, share };
    });

/** The fields of a log line: those of the busiest card, or `null` and the reason why nothing is known. */
export const gpuFields = (cards) => ({
  gpu: `${cards.length} from nvidia-smi`,
  gpu_model: cards[0].name,
  gpu_util_pct: most(cards.map(({ busy }) => busy)),
  gpu_mem_util_pct: most(cards.map(({ share }) => share)),
});

const unknown = (why) => ({ gpu: why, gpu_util_pct: null, gpu_mem_util_pct: null });

/** Asks `nvidia-smi` from PATH. Never rejects. */
export const readGpu = () =>
  new Promise((resolve) => {
    execFile('nvidia-smi', QUERY, { timeout: LIMIT_MS }, (error, stdout) => {
      if (error?.code === 'ENOENT') return resolve(unknown('absent: no nvidia-smi on PATH'));
      if (error)
        return resolve(unknown(`unreadable: nvidia-smi ended with ${error.code ?? error.signal}`));
      const cards = parseCards(stdout);
      return resolve(
        cards.length > 0 ? gpuFields(cards) : unknown('absent: nvidia-smi lists none'),
      );
    });
  });
