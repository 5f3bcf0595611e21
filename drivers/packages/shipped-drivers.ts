import type { PackageDriver } from '@holdfast/contracts';
import { createAptDriver } from './apt/apt-driver.ts';
import { createNpmDriver } from './npm/npm-driver.ts';
import { createPipDriver } from './pip/pip-driver.ts';

/** Every package driver that an agent has. A new driver is added here. */
export const createShippedDrivers = (): PackageDriver[] => [
  createPipDriver(),
  createNpmDriver(),
  createAptDriver(),
];
