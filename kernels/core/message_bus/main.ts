import { runKernel } from '@holdfast/sdk';
import { messageBus } from './kernel.ts';

await runKernel(messageBus);
