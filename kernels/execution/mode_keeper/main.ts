import { runKernel } from '@holdfast/sdk';
import { modeKeeper } from './kernel.ts';

await runKernel(modeKeeper);
