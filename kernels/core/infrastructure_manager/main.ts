import { runKernel } from '@holdfast/sdk';
import { infrastructureManager } from './kernel.ts';

await runKernel(infrastructureManager);
