import { ROLES, type PrincipalRecord } from '@holdfast/contracts';
import type { CliContext } from '../context.ts';
import { print, state, table, type JsonFlag } from '../output.ts';
import { oneOf } from '../parse-flags.ts';
import { openSession } from '../session.ts';

const GRANTABLE = ROLES.filter((role) => role !== 'owner');

const words = ({ id, kind, role, state: now }: PrincipalRecord): string =>
  `${id} (${kind}): ${role}, ${state(now)}`;

export async function principalsList(this: CliContext, flags: JsonFlag): Promise<void> {
  const all = await openSession(this).governance.listPrincipals({});
  const rows = all.items.map((one) => [
    one.id,
    one.kind,
    one.role,
    state(one.state),
    one.person,
    one.name,
  ]);
  print(this, flags, all, () =>
    rows.length === 0
      ? 'nobody but the owner'
      : table(['ID', 'KIND', 'ROLE', 'STATE', 'PERSON', 'NAME'], rows),
  );
}

interface AddFlags extends JsonFlag {
  readonly role: string;
  readonly ai?: boolean;
  readonly name?: string;
  readonly person?: string;
}

export async function principalsAdd(this: CliContext, flags: AddFlags, id: string): Promise<void> {
  const { name, person } = flags;
  const made = await openSession(this).governance.createPrincipal({
    id,
    role: oneOf('role', flags.role, GRANTABLE)!,
    kind: flags.ai === true ? 'ai' : 'human',
    ...(name === undefined ? {} : { name }),
    ...(person === undefined ? {} : { person }),
  });
  print(this, flags, made, () => words(made));
}

export async function principalsSetRole(
  this: CliContext,
  flags: JsonFlag,
  id: string,
  role: string,
): Promise<void> {
  const changed = await openSession(this).governance.updatePrincipal({
    id,
    role: oneOf('role', role, GRANTABLE)!,
  });
  print(this, flags, changed, () => words(changed));
}

export async function principalsDisable(
  this: CliContext,
  flags: JsonFlag,
  id: string,
): Promise<void> {
  const changed = await openSession(this).governance.updatePrincipal({ id, state: 'disabled' });
  print(this, flags, changed, () => words(changed));
}

export async function principalsEnable(
  this: CliContext,
  flags: JsonFlag,
  id: string,
): Promise<void> {
  const changed = await openSession(this).governance.updatePrincipal({ id, state: 'active' });
  print(this, flags, changed, () => words(changed));
}

/** Says by whom the identity provider of the profile knows somebody: their login and this name count as one person. */
export async function principalsLink(
  this: CliContext,
  flags: JsonFlag & { issuer: string; subject: string },
  id: string,
): Promise<void> {
  const { issuer, subject } = flags;
  const changed = await openSession(this).governance.updatePrincipal({
    id,
    login: { issuer, subject },
  });
  print(this, flags, changed, () => `${words(changed)}; one person with ${changed.person}`);
}
