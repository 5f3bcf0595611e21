interface FlagBase {
  readonly brief: string;
  readonly required?: boolean;
}

/** Any text that is not empty. */
export interface TextFlag extends FlagBase {
  readonly kind: 'text';
  readonly placeholder: string;
  readonly default?: string;
}

/** Text that may be given several times. */
export interface ListFlag extends FlagBase {
  readonly kind: 'list';
  readonly placeholder: string;
}

export interface ChoiceFlag extends FlagBase {
  readonly kind: 'choice';
  readonly choices: readonly string[];
  readonly default?: string;
}

/** A decimal number within `min` and `max`; `whole` refuses a fraction. */
export interface NumberFlag extends FlagBase {
  readonly kind: 'number';
  readonly whole?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly default?: number;
}

/** `90`, `1.5s`, `250ms`, `10m`, `2h`. The value is in milliseconds. */
export interface DurationFlag extends FlagBase {
  readonly kind: 'duration';
  readonly default?: string;
}

export interface SwitchFlag extends FlagBase {
  readonly kind: 'switch';
}

export type FlagSpec = TextFlag | ListFlag | ChoiceFlag | NumberFlag | DurationFlag | SwitchFlag;
export type FlagTable = Readonly<Record<string, FlagSpec>>;

type Given<F extends FlagSpec, V> = F extends { default: unknown } | { required: true }
  ? V
  : V | undefined;

type ValueOf<F extends FlagSpec> = F extends SwitchFlag
  ? boolean
  : F extends ListFlag
    ? readonly string[]
    : F extends NumberFlag | DurationFlag
      ? Given<F, number>
      : F extends ChoiceFlag
        ? Given<F, F['choices'][number]>
        : Given<F, string>;

/** What a command gets: one value for each flag of its table, under the name of the flag. */
export type FlagValues<T extends FlagTable> = { readonly [K in keyof T]: ValueOf<T[K]> };

/** Keeps the literal types of a table, from which the types of its values follow. */
export const flagTable = <const T extends FlagTable>(table: T): T => table;
