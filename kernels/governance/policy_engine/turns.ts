/** Statements looked at between two turns of other work: some milliseconds. */
const STATEMENTS_A_TURN = 1_000;

/** Lets other work have its turn once enough was done since the last one. */
export const createTurns = (): ((statements: number) => Promise<void>) => {
  let done = 0;
  return async (statements) => {
    done += Math.max(1, statements);
    if (done < STATEMENTS_A_TURN) return;
    done = 0;
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
};
