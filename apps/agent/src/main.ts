import { runGuardedAgent } from './guarded-agent.ts';
import { runStandaloneAgent } from './standalone-agent.ts';

// With a channel to a parent process the guardian is that parent; without one a person or a service manager is.
await (process.send ? runGuardedAgent() : runStandaloneAgent());
