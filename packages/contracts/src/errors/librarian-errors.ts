import { defineErrors } from './define-errors.ts';

/** Refusals of the librarian: what may be read into the index, and what is in it. */
export const librarianErrors = defineErrors({
  document_not_found: {
    status: 404,
    retry: 'never',
    text: 'looking up document {id}: there is none',
  },
  path_not_found: {
    status: 404,
    retry: 'never',
    text: 'reading {path}: there is no such file or folder',
  },
  path_outside_roots: {
    status: 403,
    retry: 'never',
    text: 'reading {path}: it is under none of the folders that the profile allows: {roots}',
  },
  path_escape: {
    status: 403,
    retry: 'never',
    text: 'reading {path}: it leads out of the folder that it names',
  },
  path_secret: {
    status: 403,
    retry: 'never',
    text: 'reading {path}: files that hold secrets are never indexed',
  },
  file_not_indexable: {
    status: 422,
    retry: 'never',
    text: 'reading {path}: {reason}',
  },
  too_many_files: {
    status: 413,
    retry: 'never',
    text: 'reading {path}: over {limit} files; name a smaller folder or raise librarian.max_files',
  },
  source_reserved: {
    status: 422,
    retry: 'never',
    text: 'naming source {source}: absolute paths and event: are kept for files and events',
  },
});
