import type { SkipReason } from '@holdfast/contracts';
import type { LibrarianConfig } from '../config.ts';
import { readFileDocument } from '../files/file-document.ts';
import { stampOf } from '../files/read-file.ts';
import type { BatchWriter } from './batch-writer.ts';
import { documentId } from './document-id.ts';
import { INDEX_VERSION } from './document.ts';
import type { IngestionCount } from './ingestion-count.ts';
import type { LibraryStore } from './library-store.ts';

export interface FileIndexer {
  /** Brings one file up to date in the index. Gives the reason when it is left out. */
  index(path: string): Promise<SkipReason | undefined>;
}

/**
 * A file whose size and time of change are those of the index is not opened; one with the same bytes is not read again.
 * A file that may no longer be in the index is counted as skipped, and its document is left for the caller to remove.
 */
export const createFileIndexer = (
  config: LibrarianConfig,
  library: LibraryStore,
  writer: BatchWriter,
  count: IngestionCount,
): FileIndexer => {
  const skip = (path: string, reason: SkipReason): SkipReason => {
    count.skip(path, reason);
    return reason;
  };
  return {
    async index(path) {
      const stamp = await stampOf(path, config.max_file_bytes);
      if (!stamp.ok) return skip(path, stamp.reason);
      const found = await library.find(documentId(path));
      const known = found?.index_version === INDEX_VERSION ? found : undefined;
      const { size, mtime_us } = stamp.value;
      if (known?.mtime_us === mtime_us && known.bytes === size) {
        count.add('unchanged');
        return undefined;
      }
      const file = await readFileDocument(path, stamp.value, config.max_file_bytes);
      if (!file.ok) return skip(path, file.reason);
      if (known?.sha256 === file.value.sha256) {
        await writer.touch(known.id, mtime_us);
        count.add('unchanged');
        return undefined;
      }
      const document = await file.value.document();
      if (!document.ok) return skip(path, document.reason);
      await writer.put(document.value, found === undefined);
      count.add(found === undefined ? 'added' : 'updated');
      return undefined;
    },
  };
};
