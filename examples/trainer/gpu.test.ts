import { expect, test } from 'vitest';
// @ts-expect-error a program's library without types
import { gpuFields, parseCards } from './gpu.mjs';

test('reads the cards of nvidia-smi, and tells the busiest', () => {
  const cards = parseCards('NVIDIA A, rev 2, 12, 2048, 8192\nNVIDIA B, 97, 1024, 81920\n');
  expect(cards).toEqual([
    { name: 'NVIDIA A, rev 2', busy: 12, share: 25 },
    { name: 'NVIDIA B', busy: 97, share: 1.25 },
  ]);
  expect(gpuFields(cards)).toEqual({
    gpu: '2 from nvidia-smi',
    gpu_model: 'NVIDIA A, rev 2',
    gpu_util_pct: 97,
    gpu_mem_util_pct: 25,
  });
});

test('what a card does not tell is null, not zero', () => {
  const fields = gpuFields(parseCards('NVIDIA A, [N/A], [N/A], 8192\n'));
  expect(fields).toMatchObject({ gpu_util_pct: null, gpu_mem_util_pct: null });
});

test('lines that name no card are passed over', () => {
  expect(parseCards('No devices were found\n\n')).toEqual([]);
});
