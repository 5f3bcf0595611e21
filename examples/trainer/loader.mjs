import { Worker } from 'node:worker_threads';

const MODULE = new URL('./data-worker.mjs', import.meta.url);

/**
 * A data loader: `workers` threads read microbatches ahead, each up to `prefetchFactor` of them, and `next` hands them out
 * in order. Starts with sample `from`; `position()` is the first sample that was not handed out, where a loader with other
 * settings goes on. `next` rejects when a worker has failed.
 */
export const openLoader = ({ workers, prefetchFactor, microbatchSize, concurrency, from }) => {
  const ready = new Map();
  const spent = Array.from({ length: workers }, () => ({ ms: 0, batches: 0 }));
  let asked = 0;
  let taken = 0;
  let waiter;
  let failure;

  const wake = () => {
    waiter?.();
    waiter = undefined;
  };
  const pool = spent.map((own) => {
    const worker = new Worker(MODULE);
    worker.on('message', ({ number, ms, ...batch }) => {
      ready.set(number, batch);
      own.ms += ms;
      own.batches += 1;
      wake();
    });
    worker.on('error', (error) => {
      failure = error;
      wake();
    });
    return worker;
  });
  const ask = () => {
    const first = from + asked * microbatchSize;
    const task = { number: asked, from: first, count: microbatchSize, concurrency };
    pool[asked % workers].postMessage(task);
    asked += 1;
  };
  for (let i = 0; i < workers * prefetchFactor; i += 1) ask();

  return {
    async next() {
      while (!ready.has(taken)) {
        if (failure) throw failure;
        await new Promise((resolve) => (waiter = resolve));
      }
      const batch = ready.get(taken);
      ready.delete(taken);
      taken += 1;
      ask();
      return batch;
    },
    position: () => from + taken * microbatchSize,
    /** Mean milliseconds that each worker took for a microbatch since the last call; a worker that finished none is left out. */
    takeLatencies() {
      const means = spent.filter(({ batches }) => batches > 0).map((own) => own.ms / own.batches);
      for (const own of spent) Object.assign(own, { ms: 0, batches: 0 });
      return means;
    },
    async close() {
      await Promise.all(pool.map((worker) => worker.terminate()));
    },
  };
};
