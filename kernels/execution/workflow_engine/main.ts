import { runKernel } from '@holdfast/sdk';
import { workflowEngine } from './kernel.ts';

await runKernel(workflowEngine);
