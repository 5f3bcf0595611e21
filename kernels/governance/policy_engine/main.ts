import { runKernel } from '@holdfast/sdk';
import { policyEngine } from './kernel.ts';

await runKernel(policyEngine);
