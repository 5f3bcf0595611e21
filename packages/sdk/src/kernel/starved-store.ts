import { isStoreError, type Store } from '@holdfast/store';

/** A store that remembers that this process once got no memory for it: only another process can be trusted to. */
export interface StarvedStore {
  readonly store: Store;
  readonly starved: () => boolean;
}

export const watchMemory = (store: Store): StarvedStore => {
  let starved = false;
  const noting = (error: unknown): never => {
    starved ||= isStoreError(error, 'STORE_MEMORY');
    throw error;
  };
  return {
    store: {
      ...store,
      write: (statements) => store.write(statements).catch(noting),
      read: <T>(...question: Parameters<Store['read']>) => store.read<T>(...question).catch(noting),
      async *scan<T>(...question: Parameters<Store['scan']>) {
        try {
          yield* store.scan<T>(...question);
        } catch (error) {
          noting(error);
        }
      },
    },
    starved: () => starved,
  };
};
