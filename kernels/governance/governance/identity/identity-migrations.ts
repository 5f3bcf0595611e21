import type { Migration } from '@holdfast/store';

/**
 * Versions 30 to 39 of the kernel. `principals.folded` is the id in lower case: nobody gets an id that differs from
 * another's by its letters' case alone. `access_tokens.digest` is the SHA-256 (hex) of a secret, `parent` the token with
 * which it was made, null for one that was not made with a token. `identity_revision` has one row, which grows with
 * every change of who may call. `approver_keys.makers` is a JSON list of the principals by whose doing the token came to
 * be with which a key was registered, without its holder. Times are RFC 3339 UTC with milliseconds, so that they sort as text; `login_states` has
 * milliseconds since the epoch.
 */
export const identityMigrations: readonly Migration[] = [
  {
    version: 30,
    name: 'identity',
    sql: [
      `CREATE TABLE principals (
        id TEXT NOT NULL PRIMARY KEY,
        folded TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        role TEXT NOT NULL,
        name TEXT NOT NULL,
        person TEXT NOT NULL,
        state TEXT NOT NULL,
        created_by TEXT NOT NULL,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        version INTEGER NOT NULL
      )`,
      `CREATE TABLE access_tokens (
        id TEXT NOT NULL PRIMARY KEY,
        principal TEXT NOT NULL,
        digest TEXT NOT NULL,
        label TEXT NOT NULL,
        scopes TEXT NOT NULL,
        type TEXT NOT NULL,
        parent TEXT,
        created_by TEXT NOT NULL,
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        revoked_at TEXT
      )`,
      'CREATE INDEX access_tokens_principal ON access_tokens (principal, created_at)',
      'CREATE INDEX access_tokens_parent ON access_tokens (parent)',
      'CREATE INDEX access_tokens_expiry ON access_tokens (expires_at)',
      `CREATE TABLE approver_keys (
        id TEXT NOT NULL PRIMARY KEY,
        principal TEXT NOT NULL,
        public_key TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL,
        created_at TEXT NOT NULL,
        confirmed_by TEXT,
        revoked_at TEXT
      )`,
      'CREATE INDEX approver_keys_principal ON approver_keys (principal)',
      `CREATE TABLE login_states (
        seq {identity},
        digest TEXT NOT NULL UNIQUE,
        verifier TEXT NOT NULL,
        nonce TEXT NOT NULL,
        redirect_uri TEXT NOT NULL,
        expires_at {bigint} NOT NULL
      )`,
      'CREATE INDEX login_states_expiry ON login_states (expires_at)',
      'CREATE TABLE identity_revision (id INTEGER NOT NULL PRIMARY KEY, revision {bigint} NOT NULL)',
      'INSERT INTO identity_revision (id, revision) VALUES (1, 1)',
    ],
  },
  {
    version: 31,
    name: 'makers of keys',
    sql: ["ALTER TABLE approver_keys ADD COLUMN makers TEXT NOT NULL DEFAULT '[]'"],
  },
];
