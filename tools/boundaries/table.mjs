/**
 * Who may import whom: the rooms of ARCHITECTURE.md. Keys are workspaces, values the workspaces that their production
 * code may use. Tests may use `testkit` besides. `'*'`: anything.
 */
export const MAY_USE = {
  merkle: [],
  contracts: [],
  versions: ['contracts'],
  client: ['contracts'],
  store: ['contracts'],
  change: ['contracts', 'merkle'],
  sdk: ['contracts', 'client', 'store'],
  license: [],
  tuning: ['merkle'],
  telemetry: ['tuning'],
  kube: ['tuning'],
  testkit: ['*'],
  kernels: [
    'contracts',
    'sdk',
    'store',
    'change',
    'merkle',
    'client',
    'versions',
    'tuning',
    'telemetry',
    'kube',
  ],
  drivers: ['contracts', 'sdk', 'versions'],
  agent: ['contracts', 'sdk', 'drivers', 'client'],
  gateway: ['contracts', 'sdk', 'client'],
  guardian: ['contracts', 'sdk', 'client'],
  cli: ['contracts', 'client', 'merkle'],
  mk: ['contracts', 'client', 'change', 'license', 'tuning', 'telemetry', 'kube'],
  console: ['contracts', 'client'],
};

/** Workspaces whose production code is held to these modules from outside; others use what their package.json declares. */
export const OUTSIDE = {
  merkle: /^node:/,
  contracts: /^zod$/,
  change: /^node:crypto$/,
};

/** A package driver stands alone: what two of them share lies beside their folders. */
export const DRIVER_FOLDER = /^drivers\/\w+\/\w+\//;

/** Entries of a package that only tests may import. */
export const TEST_ENTRIES = ['@holdfast/kube/doubles', '@holdfast/store/conformance'];

/** Files that may compute the name of what they import, each for a reason that the file gives. */
export const COMPUTED_IMPORTS = ['packages/sdk/src/kernel/spare-main.ts'];
