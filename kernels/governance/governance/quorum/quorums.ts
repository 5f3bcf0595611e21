import { PLAN_CLASSES, type ClassRule, type PlanClass, type Quorum } from '@holdfast/contracts';
import type { Statement } from '@holdfast/store';
import type { GovernanceContext } from '../context.ts';

/** Whose approval counts, by class. A class without voters yet has revision 0. */
export interface Quorums {
  of(cls: PlanClass): Promise<Quorum>;
  all(): Promise<Quorum[]>;
  put(quorum: Quorum): Statement;
}

interface Row {
  readonly class: PlanClass;
  readonly voters: string;
  readonly k: number;
  readonly revision: number;
  readonly changed_at: string;
  readonly changed_by: string;
}

const none = (cls: PlanClass): Quorum => ({
  class: cls,
  voters: [],
  k: 0,
  revision: 0,
  changed_at: null,
  changed_by: null,
});

const read = (row: Row): Quorum => ({ ...row, voters: JSON.parse(row.voters) as string[] });

/** What the profile asks of a class, in words. */
export const ruleInWords = (rule: ClassRule): string => {
  const many =
    rule.quorum === 'two_thirds'
      ? `more than two thirds of at least ${rule.min_voters} voters`
      : `${rule.approvals} ${rule.approvals === 1 ? 'person' : 'people'}`;
  const delay = rule.delay_s === 0 ? '' : `, then ${rule.delay_s} s in which it can be challenged`;
  return `${many} from ${rule.approval_from_risk} risk${delay}`;
};

export const createQuorums = ({ store }: GovernanceContext): Quorums => ({
  async of(cls) {
    const [row] = await store.read<Row>('SELECT * FROM quorums WHERE class = ?', [cls]);
    return row === undefined ? none(cls) : read(row);
  },
  async all() {
    const rows = (await store.read<Row>('SELECT * FROM quorums')).map(read);
    return PLAN_CLASSES.map((cls) => rows.find((one) => one.class === cls) ?? none(cls));
  },
  put: ({ class: cls, voters, k, revision, changed_at, changed_by }) => ({
    sql: `INSERT INTO quorums (class, voters, k, revision, changed_at, changed_by)
      VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (class) DO UPDATE SET voters = excluded.voters, k = excluded.k,
        revision = excluded.revision, changed_at = excluded.changed_at,
        changed_by = excluded.changed_by WHERE quorums.revision < excluded.revision`,
    params: [cls, JSON.stringify(voters), k, revision, changed_at, changed_by],
  }),
});
