import type { ApproverKey } from '@holdfast/contracts';
import type { CliContext } from '../context.ts';
import { registeredKey } from '../keys/registered-key.ts';
import { putAsideSigningKey } from '../keys/signing-key.ts';
import { note, print, state, table, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';

const words = ({ id, principal, state: now }: ApproverKey): string =>
  `${id} of ${principal}: ${state(now)}`;

export async function keysList(
  this: CliContext,
  flags: JsonFlag & { principal?: string },
): Promise<void> {
  const { principal } = flags;
  const input = principal === undefined ? {} : { principal };
  const all = await openSession(this).governance.listKeys(input);
  const rows = all.items.map((one) => [
    one.id,
    one.principal,
    state(one.state),
    one.created_at,
    one.confirmed_by ?? '',
    one.public_key,
  ]);
  print(this, flags, all, () =>
    rows.length === 0
      ? 'no keys'
      : table(['ID', 'PRINCIPAL', 'STATE', 'SINCE', 'CONFIRMED BY', 'PUBLIC KEY'], rows),
  );
}

export async function keysInit(
  this: CliContext,
  flags: JsonFlag & { new?: boolean },
): Promise<void> {
  const session = openSession(this);
  const { id } = await session.gateway.whoAmI({});
  const aside = flags.new === true ? putAsideSigningKey(this, session.url, id) : undefined;
  if (aside !== undefined)
    note(this, `  the key until now is in ${aside}; \`keys revoke\` ends what it is good for`);
  const { record, path } = await registeredKey(this, session, id);
  print(this, flags, { ...record, path }, () =>
    [
      words(record),
      `  its private half is in ${path}`,
      ...(record.state === 'pending'
        ? [`  another admin has to confirm it: \`bin/holdfast keys confirm ${record.id}\``]
        : []),
    ].join('\n'),
  );
}

export async function keysConfirm(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const key = await openSession(this).governance.confirmKey({ id });
  print(this, flags, key, () => words(key));
}

export async function keysRevoke(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const key = await openSession(this).governance.revokeKey({ id });
  print(this, flags, key, () => words(key));
}
