import type { BaselineEntry } from '@holdfast/versions';
import {
  createDriftSweep,
  type SweepHost,
} from '../../kernels/core/infrastructure_manager/drift/drift-sweep.ts';
import { median, report } from '../lib/report.ts';

/**
 * One sweep of 1,000 hosts with 1,000 declared packages each, 3 % differing, 0.5 % missing, 5 extra: the function that the
 * infrastructure kernel calls, on inventories in memory. The floor is one lookup and one string comparison a package.
 */
const HOSTS = 1_000;
const PACKAGES = 1_000;
const ROUNDS = 7;
const ENVIRONMENT = '/srv/app/venv';

let seed = 42;
const random = (): number =>
  (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;

const names = Array.from({ length: PACKAGES }, (_, n) => `package-${n}`);
const versions = names.map((_, n) => `${1 + (n % 9)}.${n % 31}.${n % 17}`);
const entries: BaselineEntry[] = names.map((name, n) => ({
  manager: 'pip',
  environment: ENVIRONMENT,
  package: name,
  expected: `==${versions[n]}`,
}));

const inventoryOf = (): SweepHost['inventories'][number] => {
  const packages = new Map<string, string>();
  for (const [n, name] of names.entries()) {
    const luck = random();
    if (luck < 0.005) continue;
    packages.set(name, luck < 0.035 ? '99.0.1' : versions[n]!);
  }
  for (let n = 0; n < 5; n += 1) packages.set(`extra-${n}`, '1.0');
  return {
    manager: 'pip',
    environment: ENVIRONMENT,
    packages,
    markers: {},
    coverage: { status: 'complete' },
  };
};

const hosts: SweepHost[] = Array.from({ length: HOSTS }, (_, n) => ({
  host: `host-${n}`,
  digest: 'same',
  entries,
  inventories: [inventoryOf()],
}));

const timed = (work: () => unknown): number => {
  const started = performance.now();
  work();
  return performance.now() - started;
};

const compareOnly = (): number => {
  let differing = 0;
  for (const { inventories } of hosts) {
    const packages = inventories[0]!.packages as Map<string, string>;
    for (const [n, name] of names.entries()) if (packages.get(name) !== versions[n]) differing += 1;
  }
  return differing;
};

const sweep = createDriftSweep();
const first = timed(() => sweep(hosts));
const rounds = Array.from({ length: ROUNDS }, () => timed(() => sweep(hosts)));
compareOnly();
const floor = median(Array.from({ length: ROUNDS }, () => timed(compareOnly)));
const found = sweep(hosts).reduce((sum, { report: one }) => sum + one.entries.length, 0);
report(`drift sweep of ${HOSTS} hosts x ${PACKAGES} packages, ${found} differences found`, [
  {
    what: `whole sweep (median of ${ROUNDS})`,
    value: median(rounds),
    unit: 'ms',
    goal: { atMost: 150 },
  },
  { what: 'first sweep of a fresh process', value: first, unit: 'ms' },
  { what: 'floor: a lookup and a string comparison each', value: floor, unit: 'ms' },
  { what: 'sweep over floor', value: median(rounds) / floor, unit: 'x' },
]);
