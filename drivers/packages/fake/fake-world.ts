import { readFile, rename, writeFile } from 'node:fs/promises';

/**
 * Ways to go wrong, each off when not set. They are read anew at every call.
 *
 * `apply`: `fails_before` changes nothing, `fails_midway` stops after half of the operations, `fails_after` does all
 * and says that it failed, `lies` does nothing and says that it succeeded, `hangs` waits until it is aborted or out of
 * time, `crashes_midway` ends this process with SIGKILL after half of the operations.
 */
export interface FakeKnobs {
  readonly inventory?: 'failed' | 'partial' | 'absent' | 'throws';
  readonly resolve?: 'fails' | 'throws';
  readonly verify?: 'refuses' | 'throws';
  readonly apply?:
    | 'fails_before'
    | 'fails_midway'
    | 'fails_after'
    | 'lies'
    | 'hangs'
    | 'crashes_midway'
    | 'throws';
  /** How long an apply takes, in milliseconds. */
  readonly delay_ms?: number;
}

/** Everything that a fake driver knows. `catalogue` lists the versions on offer, the newest last. */
export interface FakeState {
  /** Packages by environment: an absolute path, or `system`. */
  readonly environments: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly catalogue: Readonly<Record<string, readonly string[]>>;
  readonly knobs: FakeKnobs;
}

/** Where the state is kept: in memory, or in a file that several processes can see. */
export interface FakeWorld {
  read(): Promise<FakeState>;
  change(update: (state: FakeState) => FakeState): Promise<void>;
}

const EMPTY: FakeState = { environments: {}, catalogue: {}, knobs: {} };

export const createFakeWorld = (initial: Partial<FakeState> = {}): FakeWorld => {
  let state: FakeState = { ...EMPTY, ...initial };
  return {
    read: () => Promise.resolve(state),
    change(update) {
      state = update(state);
      return Promise.resolve();
    },
  };
};

/** The file is replaced as a whole, so a reader or a crash never sees half of it; no file is an empty world. */
export const openFakeWorld = (path: string): FakeWorld => {
  const read = async (): Promise<FakeState> => {
    const text = await readFile(path, 'utf8').catch(() => '{}');
    return { ...EMPTY, ...(JSON.parse(text) as Partial<FakeState>) };
  };
  return {
    read,
    async change(update) {
      const next = update(await read());
      const draft = `${path}.${process.pid}`;
      await writeFile(draft, JSON.stringify(next));
      await rename(draft, path);
    },
  };
};
