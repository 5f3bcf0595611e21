import { EVENT_TYPES } from '@holdfast/contracts';
import type { Journal } from '../../journal/journal.ts';
import type { StackHandlers } from './handler-types.ts';

/** The stack's own operations, with the events that tell of them. */
export const announced = (stack: StackHandlers, journal: Journal): StackHandlers => ({
  ...stack,
  async stopStack(input, principal) {
    journal.append({
      events: [{ type: EVENT_TYPES.stopRequested, actor: principal.id, data: {} }],
    });
    await journal.flush();
    return stack.stopStack(input, principal);
  },
  async reload(input, principal) {
    const result = await stack.reload(input, principal);
    const data = { component: input.component, ...result };
    journal.append({
      events: [{ type: EVENT_TYPES.reloadFinished, actor: principal.id, data }],
    });
    return result;
  },
});
