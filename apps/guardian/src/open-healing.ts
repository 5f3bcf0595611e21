import type { GuardianHandler } from './answer-asked.ts';
import type { RestartHooks } from './supervision/restart-hooks.ts';

export interface Healing {
  readonly hooks: RestartHooks;
  readonly handlers: Readonly<Record<string, GuardianHandler>>;
  close(): Promise<void>;
}

export const openHealing = async (): Promise<Healing> => ({
  hooks: { down() {}, attempt() {}, recovered() {}, limitReached() {} },
  handlers: {},
  close: () => Promise.resolve(),
});
