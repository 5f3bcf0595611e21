import { createRequire } from 'node:module';
import { afterEach, describe, expect, test } from 'vitest';
import { openLibraryWorld, type LibraryWorld } from '../test-support/library-world.ts';
import { makePdf } from '../test-support/make-pdf.ts';

const installed = (): boolean => {
  try {
    return createRequire(import.meta.url).resolve('unpdf') !== '';
  } catch {
    return false;
  }
};
const suite = installed() ? describe : describe.skip;
if (!installed()) console.warn('SKIPPED: reading PDF files, for want of unpdf');

suite(`PDF files${installed() ? '' : ' [SKIPPED: unpdf is not installed]'}`, () => {
  let world: LibraryWorld;
  afterEach(() => world.close());

  test('are cited by page, and named when they have no text or are broken', async () => {
    world = await openLibraryWorld();
    const folder = world.write({
      'manual.pdf': makePdf('The manual', [['first page'], ['Turn the (big) valve', 'slowly']]),
      'scan.pdf': makePdf('Scan', [[], []]),
      'broken.pdf': '%PDF-1.4 nothing else',
    });
    const { added, skipped_files } = await world.client.ingestDocuments({ path: folder });
    expect(added).toBe(1);
    expect(skipped_files.map(({ reason }) => reason)).toEqual(['unreadable pdf', 'no text layer']);
    const { results } = await world.client.search({ query: 'valve slowly' });
    expect(results).toMatchObject([
      {
        title: 'The manual',
        kind: 'pdf',
        page: 2,
        lines: null,
        snippet: expect.stringContaining('(big) <mark>valve</mark>'),
      },
    ]);
  });
});
