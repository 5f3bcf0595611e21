import type { KernelId, ProcessName } from '@holdfast/contracts';
import type { ProcessIdentity } from '@holdfast/sdk/process';
import type { ProbeResult } from '../supervision/health-probe.ts';
import type { ProcessState } from '../supervision/supervised-process.ts';

/**
 * What the healer may see and do. It has no other way to touch a process or a port, so that clearing a port can only
 * ever end what this home started.
 */
export interface Components {
  /** Kernels that this stack is to run, in port order. */
  kernels(): readonly KernelId[];
  /** The exact id of a kernel of the table, given its id or short name; undefined when there is none. */
  resolve(name: string): KernelId | undefined;
  state(name: ProcessName): ProcessState;
  /** Where it answers or would answer; undefined when it has no port here. */
  portOf(id: KernelId): number | undefined;
  /** Every port that the table or a move gave to a kernel, running or not. */
  assignedPorts(): ReadonlyMap<number, KernelId>;
  /** Asks `GET /health` now. */
  probe(id: KernelId): Promise<ProbeResult>;
  /**
   * Replaces the process: in order when it is healthy, at once when it is not. Resolves with the pid of a new process
   * that answered `/health` under the kernel's name; rejects with an Error that says why there is none.
   */
  restart(id: KernelId, why: string): Promise<number>;
  /** Whether the kernel's port is held by the guardian itself, so that nobody else can have it. */
  holdsPort(id: KernelId): boolean;
  /** Tries to take the port of the kernel that the guardian could not bind; false when somebody still has it. */
  takePort(id: KernelId): Promise<boolean>;
  /** The process on record with this pid, when it still is the process that this home started. */
  startedHere(pid: number): Promise<(ProcessIdentity & { readonly name: string }) | undefined>;
  /** Ends a process that was started here. */
  end(identity: ProcessIdentity & { readonly name: string }): Promise<void>;
  /**
   * Moves the kernel to the port: binds it, starts the process there, tells everybody, writes it down. Rejects with a
   * BindError when the port is taken.
   */
  move(id: KernelId, port: number): Promise<void>;
}
