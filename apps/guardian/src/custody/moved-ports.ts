import { join } from 'node:path';
import { isKernelId, kernelRow, type KernelId } from '@holdfast/contracts';
import { makePrivateDirectory, readIfPresent, writePrivateFile } from '../home/private-file.ts';

/** Kernels that were moved off the port of the table: `$HOLDFAST_HOME/guardian/ports.json`. Survives restarts. */
export interface MovedPorts {
  portOf(id: KernelId): number | undefined;
  remember(id: KernelId, port: number): Promise<void>;
}

const parse = (text: string | undefined): Map<KernelId, number> => {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '{}');
  } catch {
    // A damaged file means: nobody was moved. The kernels are found by the live port map in any case.
    value = {};
  }
  return new Map(
    Object.entries(value ?? {}).flatMap(([id, port]) =>
      isKernelId(id) && Number.isInteger(port) && port > 0 && port < 65_536 ? [[id, port]] : [],
    ),
  );
};

/** `portOffset` moves with the home: ports are kept as differences to the port of the table. */
export const readMovedPorts = async (home: string, portOffset: number): Promise<MovedPorts> => {
  const folder = join(home, 'guardian');
  await makePrivateDirectory(folder);
  const path = join(folder, 'ports.json');
  const ports = parse(await readIfPresent(path));
  return {
    portOf: (id) => {
      const port = ports.get(id);
      return port === undefined ? undefined : port + portOffset;
    },
    async remember(id, port) {
      const plain = port - portOffset;
      if (plain === kernelRow(id).port) ports.delete(id);
      else ports.set(id, plain);
      await writePrivateFile(path, `${JSON.stringify(Object.fromEntries(ports))}\n`, {
        durable: true,
      });
    },
  };
};
