import type { CliContext } from '../context.ts';
import { signDecision } from '../keys/sign-decision.ts';
import { print, state, table, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';

export async function tripwiresList(this: CliContext, flags: JsonFlag): Promise<void> {
  const set = await openSession(this).governance.getTripwires({});
  print(this, flags, set, () =>
    [
      table(
        ['RULE', 'LEVEL', 'TITLE', 'FORBIDS'],
        set.rules.map((rule) => [
          rule.id,
          rule.level,
          rule.title,
          `${rule.interdictions.length} things`,
        ]),
      ),
      `version ${set.version}, digest ${set.digest}${set.digest === set.pinned ? ', as pinned' : ', NOT as pinned'}`,
    ].join('\n'),
  );
}

export async function tripwiresCases(this: CliContext, flags: JsonFlag): Promise<void> {
  const cases = await openSession(this).governance.listTripwireCases({});
  print(this, flags, cases, () =>
    cases.items.length === 0
      ? 'no tripwire was touched'
      : table(
          ['ID', 'STATE', 'PHASE', 'RULES', 'CHANGE', 'AUTHOR', 'OPENED', 'AGAIN'],
          cases.items.map((one) => [
            one.id,
            state(one.state),
            one.phase,
            one.hits.map(({ rule }) => rule).join(' '),
            one.change ?? '',
            one.author,
            one.opened_at,
            one.repeats === 0 ? '' : `${one.repeats} times, last ${one.last_seen_at}`,
          ]),
        ),
  );
}

export async function tripwiresRelease(
  this: CliContext,
  flags: JsonFlag,
  id: string,
): Promise<void> {
  const session = openSession(this);
  const { items } = await session.governance.listTripwireCases({ limit: 1000 });
  const digest = items.find((one) => one.id === id)?.evidence ?? '';
  const decision = { decision: 'release', subject: id, digest, base: '' } as const;
  const signature = await signDecision(this, session, decision);
  const one = await session.governance.releaseTripwireCase({ id, signature });
  print(this, flags, one, () =>
    one.state === 'released'
      ? `${id} is released by ${one.releases.map(({ principal }) => principal).join(', ')}`
      : `${id} needs ${one.needed} people, ${one.releases.length} signed so far`,
  );
}
