import { timed } from '../../lib/processor-time.ts';

/** The job that all contenders do: so many steps that do nothing, each with a durable result before the next begins. */
export const STEPS = 5;
/** Jobs under way at once, at most. */
export const MOST_TOGETHER = 16;
export const OUTCOME = 'did nothing';

/** What a contender is told. `together`: how many jobs are under way at once. */
export interface Order {
  readonly jobs: number;
  readonly together: number;
}

/** What it did. `times`: of each job in ms, from the call that starts it until its end is durable and known. */
export interface Outcome {
  readonly times: readonly number[];
  readonly wallMs: number;
  /** Of its own process and of others that it started; a database server is not among them. */
  readonly cpuMs: number;
  /** Calls to other kernels, by name. */
  readonly calls: Readonly<Record<string, number>>;
  /** Commits of a store of its own; undefined where a server keeps it. */
  readonly commits?: number;
}

export interface Contender {
  job(n: number): Promise<void>;
  /** Durable results of steps so far. */
  results(): Promise<number>;
  othersCpuMs?(): number;
  calls?(): Readonly<Record<string, number>>;
  commits?(): number;
  close(): Promise<void>;
}

const difference = (
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> =>
  Object.fromEntries(Object.entries(after).map(([name, n]) => [name, n - (before[name] ?? 0)]));

/** Serves orders over the channel of a forked process until it closes; `fatal` is what cannot be gone on from. */
export const serveOrders = async (opening: Promise<Contender>): Promise<void> => {
  const fatal = (error: unknown): void => {
    console.error(error);
    process.exit(1);
  };
  process.on('unhandledRejection', fatal);
  const contender = await opening;
  let count = 0;

  const carryOut = async ({ jobs, together }: Order): Promise<Outcome> => {
    const times: number[] = [];
    const end = count + jobs;
    const worker = async (): Promise<void> => {
      while (count < end) {
        const started = performance.now();
        await contender.job((count += 1));
        times.push(performance.now() - started);
      }
    };
    const callsBefore = contender.calls?.() ?? {};
    const commitsBefore = contender.commits?.();
    const othersBefore = contender.othersCpuMs?.() ?? 0;
    const { wallMs, cpuMs } = await timed(() =>
      Promise.all(Array.from({ length: together }, worker)),
    );
    const others = (contender.othersCpuMs?.() ?? 0) - othersBefore;
    const results = await contender.results();
    if (results !== count * STEPS)
      throw new Error(`${results} durable results of ${count} jobs of ${STEPS} steps`);
    return {
      times,
      wallMs,
      cpuMs: cpuMs + others,
      calls: difference(callsBefore, contender.calls?.() ?? {}),
      ...(commitsBefore !== undefined && { commits: contender.commits!() - commitsBefore }),
    };
  };

  process.on('message', (order: Order) => {
    carryOut(order).then((outcome) => process.send!({ outcome }), fatal);
  });
  process.once('disconnect', () => {
    contender.close().then(() => process.exit(0), fatal);
  });
  process.send!({ ready: true });
};
