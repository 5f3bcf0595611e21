import type { HostFacts } from '@holdfast/contracts';
import { readBasicFacts } from './basic-facts.ts';
import { readNvidiaGpus } from './nvidia-gpus.ts';

const MIB = 1024 * 1024;
const MAX_DISKS = 500;
const MAX_GPUS = 64;

type SystemInformation = typeof import('systeminformation');

const readDisks = async (si: SystemInformation): Promise<HostFacts['disks']> => {
  const sizes = await si.fsSize();
  const byMount = new Map(sizes.map((one) => [one.mount, one]));
  return [...byMount.values()].slice(0, MAX_DISKS).map((one) => ({
    mount: one.mount,
    filesystem: one.type || one.fs,
    total_bytes: Math.round(one.size),
    used_bytes: Math.round(one.used),
  }));
};

/** Display adapters with memory of their own; a server's bare console adapter has none. */
const readOtherGpus = async (si: SystemInformation): Promise<HostFacts['gpus']> => {
  const { controllers } = await si.graphics();
  return controllers
    .filter(({ vram }) => (vram ?? 0) > 0)
    .map(({ model, vram, driverVersion }, index) => ({
      index,
      name: model,
      memory_total_bytes: Math.round((vram ?? 0) * MIB),
      ...(driverVersion && { driver_version: driverVersion }),
    }));
};

/** Everything about the machine. Takes seconds and loads a library: called after the agent is connected. */
export const readFullFacts = async (): Promise<HostFacts> => {
  const basic = await readBasicFacts();
  const loaded = await import('systeminformation');
  // Bundled CommonJS: the functions are on the default export there.
  const si = (loaded as { default?: SystemInformation }).default ?? loaded;
  const [disks, cpu, nvidia] = await Promise.all([readDisks(si), si.cpu(), readNvidiaGpus()]);
  const gpus = nvidia ?? (await readOtherGpus(si).catch(() => []));
  const model = `${cpu.manufacturer} ${cpu.brand}`.trim();
  return {
    ...basic,
    cpus: { count: basic.cpus.count, model: model || basic.cpus.model },
    disks,
    gpus: gpus.slice(0, MAX_GPUS),
  };
};
