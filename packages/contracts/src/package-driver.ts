import type { Environment } from './records/baseline.ts';
import type { Inventory, PackageManager } from './records/inventory.ts';
import type { PackageOperation, StepAction, StepResult } from './records/plan.ts';

/** What a driver is able to do, as data: read before any of its code is called. */
export interface DriverCapabilities {
  readonly inventory: boolean;
  /** Resolves requirements and changes packages; only ever in an isolated environment. */
  readonly apply: boolean;
  /** Whether the manager has a machine-wide inventory (environment `system`). */
  readonly system: boolean;
}

/** Concrete operations that an installer would perform. `requested` false: pulled in as a dependency. */
export type ResolvedOperation = PackageOperation & { readonly requested: boolean };

/** A process that a driver runs, told to the journal before it can change anything. */
export interface SpawnNote {
  readonly pid: number;
  readonly start_time: string;
}

/** For methods that change nothing. */
export interface ReadContext {
  /** Ends every process that the method started; what the method then answers or throws is worth nothing. */
  readonly signal?: AbortSignal;
  /** Told about each child process as it starts; the tool does not wait for it. */
  onStart?(note: SpawnNote): Promise<void>;
}

export interface ApplyContext {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called with each child process, durable when it resolves. */
  onSpawn(note: SpawnNote): Promise<void>;
}

/**
 * An adapter to one package manager. Steps are `{driver: id, action: 'packages.apply', params: {environment,
 * operations: PackageOperation[], options: string[]}}`. `apply` is idempotent: an operation whose package already is
 * at `to` is not run again. One whose package is whole and at neither `from` nor `to` fails the step with `plan_stale`
 * before anything is changed. Output that leaves a driver has credentials redacted.
 */
export interface PackageDriver {
  readonly id: PackageManager;
  readonly capabilities: DriverCapabilities;
  /** Undefined when the path is no environment of this manager; `isolated` false when it must not be changed. */
  probe(
    path: string,
    context?: ReadContext,
  ): Promise<{ isolated: boolean; interpreter?: string; detail: string } | undefined>;
  inventory(environment: Environment | 'system', context?: ReadContext): Promise<Inventory>;
  resolve(
    request: {
      environment: string;
      requirements: readonly string[];
      options: readonly string[];
    },
    context?: ReadContext,
  ): Promise<ResolvedOperation[]>;
  /** Dry run: asks the manager whether the step would work; changes nothing. */
  verify(action: StepAction, context?: ReadContext): Promise<{ ok: boolean; detail: string }>;
  apply(action: StepAction, context: ApplyContext): Promise<StepResult>;
}
