import type { AccessToken } from '@holdfast/contracts';
import { CliError, EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { print, state, table, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';

const UNIT_S = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const MOST_S = 366 * UNIT_S.d;

/** `90m`, `12h`, `30d` as seconds. */
const parseLife = (text: string): number => {
  const [, digits, unit] = /^(\d{1,8})([smhd])$/.exec(text) ?? [];
  const seconds = Number(digits) * UNIT_S[unit as keyof typeof UNIT_S];
  if (seconds >= UNIT_S.m && seconds <= MOST_S) return seconds;
  throw new CliError(`--expires ${text}: expected 1m to 366d, for example 12h or 30d`, {
    exit: EXIT.usage,
  });
};

const stateOf = ({ revoked_at, expires_at }: AccessToken): string => {
  if (revoked_at !== null) return 'revoked';
  return Date.parse(expires_at) <= Date.now() ? 'expired' : 'active';
};

export async function tokensList(
  this: CliContext,
  flags: JsonFlag & { principal?: string },
): Promise<void> {
  const { principal } = flags;
  const input = principal === undefined ? {} : { principal };
  const all = await openSession(this).governance.listTokens(input);
  const rows = all.items.map((one) => [
    one.id,
    one.principal,
    one.type,
    state(stateOf(one)),
    one.expires_at,
    one.scopes.join(' '),
    one.label,
  ]);
  print(this, flags, all, () =>
    rows.length === 0
      ? 'no tokens'
      : table(['ID', 'PRINCIPAL', 'TYPE', 'STATE', 'UNTIL', 'SCOPES', 'LABEL'], rows),
  );
}

interface CreateFlags extends JsonFlag {
  readonly principal?: string;
  readonly label: string;
  readonly scope?: readonly string[];
  readonly expires: string;
}

/** The token is the only thing on standard output, so that `TOKEN=$(holdfast tokens create)` works. */
export async function tokensCreate(this: CliContext, flags: CreateFlags): Promise<void> {
  const { principal, label, scope = [] } = flags;
  const issued = await openSession(this).governance.createToken({
    label,
    expires_in_s: parseLife(flags.expires),
    ...(principal === undefined ? {} : { principal }),
    ...(scope.length === 0 ? {} : { scopes: [...scope] }),
  });
  const { record } = issued;
  this.process.stderr.write(
    `token ${record.id} of ${record.principal} for ${record.scopes.join(' ')}, until ${record.expires_at}; it is shown once\n`,
  );
  print(this, flags, issued, () => issued.token);
}

export async function tokensRevoke(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const ended = await openSession(this).governance.revokeToken({ id });
  print(this, flags, ended, () => `${ended.id} of ${ended.principal} is revoked`);
}
