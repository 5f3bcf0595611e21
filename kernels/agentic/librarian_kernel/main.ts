import { runKernel } from '@holdfast/sdk';
import { librarianKernel } from './kernel.ts';

await runKernel(librarianKernel);
