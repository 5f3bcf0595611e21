import { readFileSync } from 'node:fs';
import {
  TUNABLE_KINDS,
  modeKeeperApi,
  type OpInput,
  type TelemetrySource,
} from '@holdfast/contracts';
import { CliError, EXIT } from './cli-error.ts';
import { oneOf, parseDuration } from './parse-flags.ts';

export interface WorkloadFlags {
  readonly spec?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly kind?: string;
  readonly context?: string;
  readonly container?: string;
  readonly file?: string;
  readonly policy?: string;
  readonly mode?: string;
  readonly interval?: string;
  readonly window?: string;
  readonly cooldown?: string;
  readonly maxDelta?: string;
  readonly approveAdvanced?: boolean;
}

type Registration = OpInput<typeof modeKeeperApi.ops.registerWorkload>;

const usage = (message: string): CliError => new CliError(message, { exit: EXIT.usage });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readFile = (path: string): Record<string, unknown> => {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw usage(`reading ${path}: ${(cause as NodeJS.ErrnoException).code ?? 'not valid JSON'}`);
  }
  if (isRecord(value)) return value;
  throw usage(`reading ${path}: expected a JSON object`);
};

const sourceOf = ({ file, container }: WorkloadFlags): TelemetrySource => {
  if (file !== undefined && container !== undefined)
    throw usage('--file and --container exclude each other');
  return file === undefined
    ? { pod_logs: { container: container ?? null, format: 'default' } }
    : { file: { path: file } };
};

const seconds = (flag: string, text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseDuration(flag, text);

const deltaOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const delta = Number(text);
  if (text.trim() !== '' && delta >= 0) return delta;
  throw usage(`--max-delta ${text}: expected a number, 0 for any`);
};

const fromFlags = (id: string, flags: WorkloadFlags): Registration => ({
  id,
  context: flags.context,
  ref: {
    kind: oneOf('kind', flags.kind, TUNABLE_KINDS),
    namespace: flags.namespace,
    name: flags.name ?? id,
  },
  source: sourceOf(flags),
  policy: oneOf('policy', flags.policy, ['chord', 'scalar']),
  mode: oneOf('mode', flags.mode, ['observe', 'propose']),
  interval_s: seconds('interval', flags.interval),
  window_s: seconds('window', flags.window),
  cooldown_s: seconds('cooldown', flags.cooldown),
  max_delta_per_step: deltaOf(flags.maxDelta),
  approve_advanced: flags.approveAdvanced,
});

/** What is to be on record about a workload: of the flags, or of the file that --spec names. Throws usage errors. */
export const readWorkloadSpec = (id: string, flags: WorkloadFlags): Registration => {
  const { spec, ...others } = flags;
  const parsed = modeKeeperApi.ops.registerWorkload.input.safeParse(
    spec === undefined ? fromFlags(id, others) : { ...readFile(spec), id },
  );
  if (parsed.success) return parsed.data;
  const [{ path, message } = { path: [], message: 'not usable' }] = parsed.error.issues;
  throw usage(`${spec ?? 'the workload'}: ${path.map(String).join('.') || 'record'}: ${message}`);
};
