import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { HostFacts } from '@holdfast/contracts';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const FIELDS = 'index,name,memory.total,driver_version,compute_cap';

type Gpu = HostFacts['gpus'][number];

/** One line of `nvidia-smi --query-gpu --format=csv,noheader,nounits`; memory is in MiB. */
export const parseGpuLine = (line: string): Gpu | undefined => {
  const [index, name, memory, driver, capability] = line.split(',').map((field) => field.trim());
  if (!/^\d+$/.test(index ?? '') || !name) return undefined;
  const known = (value: string | undefined): value is string => !!value && !value.startsWith('[');
  return {
    index: Number(index),
    name,
    memory_total_bytes: /^\d+$/.test(memory ?? '') ? Number(memory) * MIB : 0,
    ...(known(driver) && { driver_version: driver }),
    ...(known(capability) && { compute_capability: capability }),
  };
};

/** The NVIDIA GPUs of this machine; undefined where there is no nvidia-smi or it fails. */
export const readNvidiaGpus = async (): Promise<Gpu[] | undefined> => {
  try {
    const args = [`--query-gpu=${FIELDS}`, '--format=csv,noheader,nounits'];
    const { stdout } = await run('nvidia-smi', args, { timeout: 10_000, windowsHide: true });
    return stdout.split('\n').flatMap((line) => parseGpuLine(line) ?? []);
  } catch {
    return undefined;
  }
};
