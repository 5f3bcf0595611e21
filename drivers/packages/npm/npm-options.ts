import { HoldfastError } from '@holdfast/contracts';

/**
 * npm takes its settings from `.npmrc` files and the environment; a package.json has no install options.
 *
 * @throws HoldfastError `invalid_input` when there are any
 */
export const refuseOptions = (options: readonly string[]): void => {
  if (options.length === 0) return;
  const detail = 'options: npm takes none from a manifest; a registry is set in .npmrc';
  throw new HoldfastError('invalid_input', { detail });
};
