import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

export interface PdfText {
  readonly title: string | undefined;
  readonly pages: readonly string[];
}

const TIMEOUT_MS = 60_000;
const MEMORY_MB = 512;

/**
 * Runs in a thread of its own, because a file may be made to take long or to need much memory: the thread is ended then,
 * and the kernel stays as small as it was. Plain text, so that it needs no file of its own in the build.
 */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
(async () => {
  const { extractText, getDocumentProxy, getMeta } = await import(workerData.library);
  const pdf = await getDocumentProxy(workerData.bytes);
  const { text } = await extractText(pdf, { mergePages: false });
  const meta = await getMeta(pdf).catch(() => ({ info: {} }));
  parentPort.postMessage({ pages: text, title: String(meta.info.Title ?? '') });
})();
`;

const libraryUrl = (): string =>
  pathToFileURL(createRequire(import.meta.url).resolve('unpdf')).href;

/** The text of each page; empty strings where a page has none. Rejects when the bytes are no readable PDF. */
export const readPdf = (bytes: Uint8Array): Promise<PdfText> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(PROGRAM, {
      eval: true,
      workerData: { library: libraryUrl(), bytes: new Uint8Array(bytes) },
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
      stdout: true,
      stderr: true,
    });
    const timer = setTimeout(() => {
      reject(new Error(`reading a pdf: over ${TIMEOUT_MS} ms`));
      void worker.terminate();
    }, TIMEOUT_MS);
    worker.once('message', ({ pages, title }: { pages: string[]; title: string }) => {
      resolve({ title: title.trim() === '' ? undefined : title.trim(), pages });
      void worker.terminate();
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      clearTimeout(timer);
      reject(new Error('reading a pdf: the reader ended early'));
    });
  });
