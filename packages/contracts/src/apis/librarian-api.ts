import * as z from 'zod';
import { defineApi, listOf, op, pageInput } from '../api.ts';
import {
  DOCUMENT_KINDS,
  TEXT_KINDS,
  ingestionReportSchema,
  libraryDocumentSchema,
  searchResultSchema,
} from '../records/document.ts';

const searchOp = (path: string) =>
  op({
    method: 'GET',
    path,
    summary:
      'Ranked full-text search. Words are looked for together, then each alone; "words in quotes" in that order',
    input: z.object({
      query: z.string().max(1000),
      limit: z.coerce.number().int().min(1).max(100).default(10),
      /** Only documents whose source begins with this. */
      source: z.string().max(1000).optional(),
      kind: z.enum(DOCUMENT_KINDS).optional(),
    }),
    output: z.object({
      query: z.string(),
      /** Documents that match. Counting stops at 1,000 passages; `total_is_exact` is false then. */
      total: z.number().int(),
      total_is_exact: z.boolean(),
      results: z.array(searchResultSchema),
    }),
    risk: 'read',
    role: 'viewer',
  });

/** A path on the machine of the stack, or a text of the caller's own. The same `source` again replaces the text. */
const ingestInput = z.union([
  z.strictObject({ path: z.string().min(1).max(4096) }),
  z.strictObject({
    title: z.string().trim().min(1).max(300),
    text: z.string().min(1).max(2_000_000),
    kind: z.enum(TEXT_KINDS).default('text'),
    source: z.string().trim().min(1).max(500),
  }),
]);

/** The librarian: documents of ours and of the user, and what happened, to be searched and cited. */
export const librarianApi = defineApi({
  kernel: 'librarian_kernel',
  ops: {
    search: searchOp('/librarian/search'),
    /** The path of the kernel port document; the same answer. */
    searchHere: searchOp('/search'),
    ingestDocuments: op({
      method: 'POST',
      path: '/librarian/documents',
      summary:
        'Indexes a file, a folder (which is looked through again at each reindex) or a given text; answers once it can be found',
      input: ingestInput,
      output: ingestionReportSchema.extend({
        /** The first 100 documents that were added or updated. */
        documents: z.array(libraryDocumentSchema),
      }),
      risk: 'change',
      role: 'operator',
      idempotent: true,
      status: 201,
      answerMs: 300_000,
      maxBodyBytes: 8 * 1024 * 1024,
      errors: [
        'path_not_found',
        'path_outside_roots',
        'path_escape',
        'path_secret',
        'file_not_indexable',
        'too_many_files',
        'source_reserved',
        'store_unavailable',
      ],
    }),
    listDocuments: op({
      method: 'GET',
      path: '/librarian/documents',
      summary: 'What is in the index, by id',
      input: z.object({ ...pageInput, kind: z.enum(DOCUMENT_KINDS).optional() }),
      output: listOf(libraryDocumentSchema),
      risk: 'read',
      role: 'viewer',
      errors: ['cursor_invalid'],
    }),
    removeDocument: op({
      method: 'DELETE',
      path: '/librarian/documents/{id}',
      summary:
        'Takes a document out of the index; a file stays out until it is ingested by name again',
      input: z.object({ id: z.string().min(1).max(200) }),
      output: z.object({ removed: z.boolean() }),
      risk: 'change',
      role: 'operator',
      errors: ['document_not_found', 'store_unavailable'],
    }),
    reindex: op({
      method: 'POST',
      path: '/librarian/reindex',
      summary: 'Looks through every file and folder again; reads only what changed',
      input: z.strictObject({}),
      output: ingestionReportSchema,
      risk: 'change',
      role: 'operator',
      answerMs: 300_000,
      errors: ['store_unavailable'],
    }),
  },
});
