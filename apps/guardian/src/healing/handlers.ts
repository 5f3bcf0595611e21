import { announced } from './handlers/announced-stack-handlers.ts';
import { createGuardianApiHandlers } from './handlers/guardian-api-handlers.ts';
import type { HandlerParts } from './handlers/handler-parts.ts';
import type { GuardianHandlers } from './handlers/handler-types.ts';
import { createKernelPortsHandlers } from './handlers/kernel-ports-handlers.ts';
import { createNetworkHealerHandlers } from './handlers/network-healer-handlers.ts';

/** Answers to every operation that the gateway may ask the guardian for. Input was checked by the gateway. */
export const createGuardianHandlers = (parts: HandlerParts): GuardianHandlers => ({
  ...createNetworkHealerHandlers(parts),
  ...createKernelPortsHandlers(parts),
  ...createGuardianApiHandlers(parts),
  ...announced(parts.stack, parts.journal),
});
