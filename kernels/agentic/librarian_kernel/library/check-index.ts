import type { Store } from '@holdfast/store';
import { engineText } from '../search/engine-text.ts';
import { termsOf } from '../text/words.ts';
import type { LibraryStore } from './library-store.ts';

interface Newest {
  readonly id: number;
  readonly body: string;
}

/** Looks a word of the newest passage up, so that an index that lost its words is noticed. */
const findsNewest = async (store: Store): Promise<boolean> => {
  const [newest] = await store.read<Newest>(
    'SELECT id, body FROM passages ORDER BY id DESC LIMIT 1',
  );
  const term = termsOf(newest?.body ?? '')[0];
  if (newest === undefined || term === undefined) return true;
  const engine = engineText(store);
  const match = engine.match([[term]], 'all');
  const found = await store.read(engine.search('w.rowid = ?', 1), [
    ...Array.from({ length: engine.matchParams }, () => match),
    newest.id,
  ]);
  return found.length === 1;
};

export const checkIndex = async (
  store: Store,
  library: LibraryStore,
): Promise<{ ok: boolean; detail: string }> => {
  try {
    const documents = await library.count();
    // The newest may be taken out between the two reads; not twice in a row.
    if ((await findsNewest(store)) || (await findsNewest(store)))
      return { ok: true, detail: `${documents} documents` };
    return { ok: false, detail: 'the newest passage is not found by its words' };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : 'unreadable' };
  }
};
