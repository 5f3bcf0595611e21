import { afterEach } from 'vitest';
import { createGovernanceWorld, type GovernanceWorld } from './governance-world.ts';

/** Starts worlds that are closed after each test; what is closed by the test itself is closed once. */
export const useWorlds = () => {
  let open: GovernanceWorld[] = [];
  afterEach(async () => {
    for (const { world } of open.toReversed()) await world.close();
    open = [];
  });
  const forget = (world: GovernanceWorld): void => {
    open = open.filter((one) => one !== world);
  };
  return {
    async close(world: GovernanceWorld): Promise<void> {
      forget(world);
      await world.world.close();
    },
    async start(...options: Parameters<typeof createGovernanceWorld>): Promise<GovernanceWorld> {
      const world = await createGovernanceWorld(...options);
      open.push(world);
      return world;
    },
    /** Ends the processes of a world and starts others on its stores. */
    async restart(
      before: GovernanceWorld,
      options: Parameters<typeof createGovernanceWorld>[0] = {},
    ): Promise<GovernanceWorld> {
      forget(before);
      await before.world.close({ keep: true });
      const after = await createGovernanceWorld({ ...options, home: before.world.home });
      open.push(after);
      after.fake.installed = before.fake.installed;
      return after;
    },
  };
};
