import { describeDriverConformance, type DriverHarness } from '@holdfast/testkit';
import { createFakeDriver } from './fake-driver.ts';
import { createFakeWorld } from './fake-world.ts';

const versions = ['1.0.0', '1.1.0', '2.0.0'];

const lacks = {
  process: 'the fake driver runs no process',
  credentials: 'the fake driver is given no credentials',
};

const openHarness = (): Promise<DriverHarness> => {
  const world = createFakeWorld({ catalogue: { one: versions, two: versions, three: versions } });
  let count = 0;
  return Promise.resolve({
    driver: createFakeDriver({ world }),
    packages: { one: 'one', two: 'two', three: 'three' },
    notIsolated: ['/usr', '/'],
    spawns: false,
    requirement: (name, exactly) => `${name}==${exactly}`,
    async createEnvironment() {
      count += 1;
      const path = `/fake/${count}`;
      await world.change((state) => ({
        ...state,
        environments: { ...state.environments, [path]: { one: '1.0.0', two: '1.0.0' } },
      }));
      return path;
    },
    async stall() {
      await world.change((state) => ({ ...state, knobs: { apply: 'hangs' } }));
      return () => world.change((state) => ({ ...state, knobs: {} }));
    },
    close: () => Promise.resolve(),
  });
};

describeDriverConformance('fake', openHarness, undefined, lacks);
