import { runKernel } from '@holdfast/sdk';
import { governance } from './kernel.ts';

await runKernel(governance);
