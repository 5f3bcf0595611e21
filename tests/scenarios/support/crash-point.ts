import type { AnyKernel } from '@holdfast/testkit';

/** A moment at which a stack that is up dies: at its n-th durable write, just before it or just after it was made durable. */
export interface CrashPoint {
  /** A kernel that dies at this point; the counter is shared by all kernels of one point. */
  wrap(kernel: AnyKernel): AnyKernel;
  /** Resolves when the point was reached. From then on nothing is written or answered any more. */
  readonly reached: Promise<'crashed'>;
  /** Durable writes so far. */
  writes(): number;
}

const forever = (): Promise<never> => new Promise(() => {});

export const createCrashPoint = (at: number, when: 'before' | 'after'): CrashPoint => {
  let writes = 0;
  let isDead = false;
  let die = (): void => {};
  const reached = new Promise<'crashed'>((resolve) => {
    die = () => resolve('crashed');
  });
  return {
    reached,
    writes: () => writes,
    wrap: (kernel) => ({
      ...kernel,
      async init(context) {
        let isUp = false;
        const instance = await kernel.init({
          ...context,
          async commit(statements, events) {
            if (isDead) return forever();
            if (!isUp) return context.commit(statements, events);
            writes += 1;
            if (writes !== at) return context.commit(statements, events);
            isDead = true;
            // A write that is refused (somebody was faster) is one after which nothing is answered either.
            if (when === 'after') await context.commit(statements, events).catch(() => {});
            die();
            return forever();
          },
        });
        isUp = true;
        return instance;
      },
    }),
  };
};
