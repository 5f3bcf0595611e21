import type { Assignment, GuardianStatus, KernelId } from '@holdfast/contracts';

/** What the port map shows and changes. */
export interface PortsView {
  /** Every row of the kernel table, as it is now. */
  assignments(): readonly Assignment[];
  state(): GuardianStatus['state'];
  /** Where kernels may answer here: `8100-8149` without an offset. */
  portRange(): string;
  /** Asks the running process; undefined when it does not answer. */
  measure(
    id: KernelId,
  ): Promise<{ readonly uptime_s: number; readonly requests: number } | undefined>;
  /** Looks at every running kernel now. */
  checkAll(): Promise<void>;
  resetFailures(id: KernelId): void | Promise<void>;
  /** Until when automatic restarts are held, by kernel id or `all`; what is over is left out. */
  paused(): ReadonlyMap<KernelId | 'all', Date>;
  /** Answers until when. */
  pause(id: KernelId | undefined, forMs: number): Date;
  resume(id: KernelId | undefined): void | Promise<void>;
}
