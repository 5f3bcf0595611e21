import { afterEach, describe, expect, test } from 'vitest';
// @ts-expect-error a program's library without types
import { makeSamples } from './dataset.mjs';
// @ts-expect-error a program's library without types
import { openLoader } from './loader.mjs';

type Loader = ReturnType<typeof openLoader>;
const opened: Loader[] = [];
const open = (settings: Partial<Parameters<typeof openLoader>[0]>): Loader => {
  const loader = openLoader({
    workers: 2,
    prefetchFactor: 2,
    microbatchSize: 8,
    concurrency: 8,
    from: 0,
    ...settings,
  });
  opened.push(loader);
  return loader;
};

afterEach(async () => {
  await Promise.all(opened.splice(0).map((loader) => loader.close()));
});

describe('openLoader', () => {
  test.each([1, 3])('hands out every sample once, in order, with %i workers', async (workers) => {
    const loader = open({ workers });
    for (let number = 0; number < 7; number += 1)
      expect(await loader.next()).toEqual(makeSamples(number * 8, 8));
    expect(loader.position()).toBe(56);
  });

  test('another loader goes on where one was left, whatever had been read ahead', async () => {
    const first = open({});
    await first.next();
    const second = open({ from: first.position(), microbatchSize: 5 });
    expect(await second.next()).toEqual(makeSamples(8, 5));
  });

  test('tells the latency of each worker that did something since the last time', async () => {
    const loader = open({ workers: 3, prefetchFactor: 1 });
    for (let number = 0; number < 3; number += 1) await loader.next();
    const latencies: number[] = loader.takeLatencies();
    expect(latencies).toHaveLength(3);
    expect(latencies.every((ms) => ms > 0)).toBe(true);
    await loader.close();
    expect(loader.takeLatencies().length).toBeLessThanOrEqual(3);
    expect(loader.takeLatencies()).toEqual([]);
  });

  test('rejects when a worker has failed, instead of waiting for ever', async () => {
    const loader = open({ microbatchSize: -1 });
    await expect(loader.next()).rejects.toThrow();
  });
});
