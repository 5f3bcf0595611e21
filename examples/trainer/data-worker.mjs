import { parentPort } from 'node:worker_threads';
import { readMicrobatch } from './read-microbatch.mjs';

/** One worker of the data loader: reads one microbatch after the other, in the order in which they were asked for. */
let before = Promise.resolve();
parentPort.on('message', (task) => {
  before = before.then(async () => {
    const started = performance.now();
    const { inputs, targets } = await readMicrobatch(task);
    const ms = performance.now() - started;
    parentPort.postMessage({ number: task.number, inputs, targets, ms }, [
      inputs.buffer,
      targets.buffer,
    ]);
  });
});
