import { runKernel } from '@holdfast/sdk';
import { immutableLog } from './kernel.ts';

await runKernel(immutableLog);
