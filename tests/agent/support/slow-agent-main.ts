import { createLogger, systemClock } from '@holdfast/sdk';
import { startAgent } from '../../../apps/agent/src/agent.ts';
import { readBasicFacts } from '../../../apps/agent/src/facts/basic-facts.ts';
import { createSlowDriver } from './slow-driver.ts';

const { AGENT_HOME, AGENT_URL, AGENT_TOKEN } = process.env;

const agent = await startAgent({
  home: AGENT_HOME!,
  url: AGENT_URL!,
  enrolmentToken: AGENT_TOKEN,
  drivers: [createSlowDriver()],
  clock: systemClock,
  log: createLogger('agent', 'error'),
  readFacts: readBasicFacts,
});
process.once('SIGTERM', () => void agent.stop().finally(() => process.exit(0)));
await agent.done;
