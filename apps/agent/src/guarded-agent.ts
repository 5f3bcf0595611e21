import { createShippedDrivers } from '@holdfast/drivers';
import { createLogger, exitOnUncaught, openChildChannel, systemClock } from '@holdfast/sdk';
import { startAgent } from './agent.ts';
import { readFullFacts } from './facts/full-facts.ts';
import { useScratchFolder } from './scratch-folder.ts';

/** The agent of the machine that runs the stack: started, watched and stopped by the guardian. */
export const runGuardedAgent = async (): Promise<void> => {
  const channel = await openChildChannel();
  const { init } = channel;
  const log = createLogger('agent', init.profile.logging.level);
  exitOnUncaught(log);
  try {
    useScratchFolder(init.home);
    const agent = await startAgent({
      home: init.home,
      url: `http://127.0.0.1:${init.gatewayPort}`,
      enrolmentToken: init.enrolmentToken,
      drivers: createShippedDrivers(),
      clock: systemClock,
      log,
      readFacts: readFullFacts,
    });
    channel.onStop(() => void agent.stop().finally(() => process.exit(0)));
    channel.ready();
    await agent.done;
  } catch (error) {
    log.fatal({ err: error }, 'the agent cannot go on');
    channel.failed([error instanceof Error ? error.message : 'the agent cannot go on']);
    process.exitCode = 1;
    process.disconnect?.();
  }
};
