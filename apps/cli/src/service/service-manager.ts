import type { Scope, ServiceSpec } from './service-spec.ts';

/** What the service manager says; null where it cannot be asked. */
export interface ServiceStatus {
  readonly manager: string;
  readonly scope: Scope;
  readonly name: string;
  readonly file: string;
  readonly installed: boolean;
  /** Written by an installation of Holdfast: only then it is replaced or removed. */
  readonly ours: boolean;
  readonly enabled: boolean | null;
  readonly running: boolean | null;
  readonly pid: number | null;
  /** The service manager's own words. */
  readonly detail: string;
}

export interface Rendered {
  readonly file: string;
  readonly text: string;
}

/** One kind of service manager, in one scope. Methods reject with CliError. */
export interface ServiceManager {
  readonly id: string;
  readonly scope: Scope;
  /** Why it cannot be used here, in words; undefined when it can. */
  unavailable(): Promise<string | undefined>;
  /** The file that an installation writes. Touches nothing. */
  render(spec: ServiceSpec): Rendered;
  /** Writes, enables and starts. Answers whether anything had to be changed. */
  install(spec: ServiceSpec): Promise<{ readonly changed: boolean }>;
  /** Stops, disables and removes. Answers whether there was one. */
  uninstall(): Promise<{ readonly removed: boolean }>;
  status(): Promise<ServiceStatus>;
  /** What a user does to learn more about a service that does not run. */
  readonly advice: string;
}
