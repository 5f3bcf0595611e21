import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';

export async function whoami(this: CliContext, flags: JsonFlag): Promise<void> {
  const session = openSession(this);
  const principal = await session.gateway.whoAmI({});
  const { id, kind, role, scopes } = principal;
  print(
    this,
    flags,
    { ...principal, url: session.url },
    () =>
      `${id} (${kind}), ${role}${scopes === undefined ? '' : `, for ${scopes.join(' ')}`}, at ${session.url}`,
  );
}
