import type { PrincipalRecord } from '@holdfast/contracts';
import type { Statement } from '@holdfast/store';
import type { IdentityContext } from './identity-parts.ts';
import { OWNER, type Subject } from './rank.ts';

export interface StoredPrincipal {
  readonly record: PrincipalRecord;
  readonly version: number;
}

/** Everybody who may call, durable. The owner is not among the records. */
export interface PrincipalStore {
  find(id: string): Promise<StoredPrincipal | undefined>;
  /** The same with the owner. */
  subject(id: string): Promise<Subject | undefined>;
  /**
   * Who stands behind a principal: its person, or where that is a principal too, the person of that one, and so on.
   * Itself for the owner and for kernels. Principals that name each other in a ring are one person.
   */
  personOf(id: string): Promise<string>;
  list(): Promise<PrincipalRecord[]>;
  insert(record: PrincipalRecord): Statement;
  /** Fails with WRITE_CONFLICT when the record is no longer at `version`. */
  update(record: PrincipalRecord, version: number): Statement;
  /** Fails with WRITE_CONFLICT when the principal was disabled meanwhile; nothing for the owner. */
  stillActive(id: string): Statement[];
}

type Row = PrincipalRecord & { readonly version: number };

const COLUMNS = 'id, kind, role, name, person, state, created_by, created_at, updated_at, version';

export const createPrincipalStore = ({ store }: IdentityContext): PrincipalStore => {
  const find: PrincipalStore['find'] = async (id) => {
    const [row] = await store.read<Row>(`SELECT ${COLUMNS} FROM principals WHERE id = ?`, [id]);
    if (row === undefined) return undefined;
    const { version, ...record } = row;
    return { record, version };
  };

  const subject: PrincipalStore['subject'] = async (id) =>
    id === OWNER.id ? OWNER : (await find(id))?.record;

  return {
    find,
    subject,
    async personOf(id) {
      const passed: string[] = [];
      for (let at = id; ; at = (await subject(at))?.person ?? at) {
        if (passed.includes(at)) return passed.slice(passed.indexOf(at)).toSorted()[0]!;
        passed.push(at);
      }
    },
    async list() {
      const rows = await store.read<Row>(`SELECT ${COLUMNS} FROM principals ORDER BY id`);
      return rows.map(({ version: _, ...record }) => record);
    },
    insert: (record) => ({
      sql: `INSERT INTO principals (id, folded, kind, role, name, person, state, created_by,
        created_at, updated_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [
        record.id,
        record.id.toLowerCase(),
        record.kind,
        record.role,
        record.name,
        record.person,
        record.state,
        record.created_by,
        record.created_at,
        record.updated_at,
        1,
      ],
    }),
    update: ({ id, role, name, person, state, updated_at }, version) => ({
      sql: `UPDATE principals SET role = ?, name = ?, person = ?, state = ?, updated_at = ?,
        version = version + 1 WHERE id = ? AND version = ?`,
      params: [role, name, person, state, updated_at, id, version],
      expect: 1,
    }),
    stillActive: (id) =>
      id === OWNER.id
        ? []
        : [
            {
              sql: "UPDATE principals SET state = 'active' WHERE id = ? AND state = 'active'",
              params: [id],
              expect: 1,
            },
          ],
  };
};
