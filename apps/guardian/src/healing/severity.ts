import { isKernelId, kernelRow, type ProcessName, type Severity } from '@holdfast/contracts';

/** Without these nothing can be decided or proved. */
const CRITICAL: readonly ProcessName[] = ['message_bus', 'immutable_log'];

/** How much an outage of this process matters. */
export const severityOf = (name: ProcessName): Severity => {
  if (CRITICAL.includes(name)) return 'critical';
  if (!isKernelId(name)) return name === 'agent' ? 'medium' : 'high';
  return ['core', 'governance'].includes(kernelRow(name).tier) ? 'high' : 'medium';
};
