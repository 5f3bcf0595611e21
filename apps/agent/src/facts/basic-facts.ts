import { readFile } from 'node:fs/promises';
import os from 'node:os';
import type { HostFacts } from '@holdfast/contracts';

const OS_OF_PLATFORM: Readonly<Record<string, HostFacts['os_type']>> = {
  linux: 'linux',
  darwin: 'macos',
  win32: 'windows',
};

/** os-release(5): `KEY=value` lines, values perhaps quoted. */
const readOsRelease = async (): Promise<Record<string, string>> => {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const pairs = text
    .split('\n')
    .map((line) => /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line.trim()))
    .filter((match) => match !== null)
    .map(([, key, ...values]) => [key, values.find((value) => value !== undefined) ?? '']);
  return Object.fromEntries(pairs) as Record<string, string>;
};

const firstAddress = (): string | undefined =>
  Object.values(os.networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((address) => !address.internal && address.family === 'IPv4')?.address;

/** What Node itself knows about the machine: no child process, a few milliseconds. Disks and GPUs are empty. */
export const readBasicFacts = async (): Promise<HostFacts> => {
  const cpus = os.cpus();
  const release = process.platform === 'linux' ? await readOsRelease() : {};
  const address = firstAddress();
  return {
    hostname: os.hostname().slice(0, 255) || 'localhost',
    os_type: OS_OF_PLATFORM[process.platform] ?? 'unknown',
    os_name: (release['NAME'] ?? os.type()).slice(0, 200),
    os_version: (release['VERSION_ID'] ?? os.release()).slice(0, 200),
    kernel_version: os.release().slice(0, 200),
    architecture: os.arch(),
    ...(address !== undefined && { ip_address: address }),
    cpus: { count: cpus.length, model: cpus[0]?.model.trim() ?? '' },
    memory: { total_bytes: os.totalmem() },
    disks: [],
    gpus: [],
    network_interfaces: Object.keys(os.networkInterfaces())
      .slice(0, 500)
      .map((name) => name.slice(0, 100)),
  };
};
