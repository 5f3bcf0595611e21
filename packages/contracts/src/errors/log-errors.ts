import { defineErrors } from './define-errors.ts';

export const logErrors = defineErrors({
  entry_not_found: { status: 404, retry: 'never', text: 'the ledger has no entry {id}' },
  entry_too_large: {
    status: 413,
    retry: 'never',
    text: 'the entry has {bytes} bytes, over {limit_bytes}',
  },
  entry_conflict: {
    status: 409,
    retry: 'never',
    text: 'entry {id} is in the ledger with other content',
  },
  event_conflict: {
    status: 409,
    retry: 'never',
    text: 'event {id} was published before with other content',
  },
  ledger_damaged: {
    status: 503,
    retry: 'never',
    text: 'the ledger is damaged and takes no entries: {detail}; `holdfast log verify` says where',
  },
  cursor_invalid: { status: 422, retry: 'never', text: 'cursor {cursor} is not one of ours' },
});
