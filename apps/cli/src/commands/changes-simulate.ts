import { PROPOSABLE_KINDS, type ChangeKind } from '@holdfast/contracts';
import { CliError, EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { changeDiff } from '../words/change-diff.ts';
import { gateWords, policyWords } from '../words/gate-words.ts';

interface SimulateFlags extends JsonFlag {
  readonly kind?: string;
  readonly target?: string;
  readonly intent?: string;
}

type Proposable = Exclude<ChangeKind, 'revert'>;

const usage = (text: string): CliError => new CliError(text, { exit: EXIT.usage });

const wishOf = ({ kind, target, intent }: SimulateFlags) => {
  const known = (PROPOSABLE_KINDS as readonly string[]).includes(kind ?? '');
  if (!known) throw usage(`--kind ${kind ?? ''}: expected one of ${PROPOSABLE_KINDS.join(', ')}`);
  const at = target?.indexOf('=') ?? -1;
  if (target === undefined || at < 1) throw usage('--target: expected key=value, like host=local');
  let parsed: unknown;
  try {
    parsed = JSON.parse(intent ?? '{}');
  } catch {
    throw usage('--intent: expected a JSON object');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw usage('--intent: expected a JSON object');
  return {
    kind: kind as Proposable,
    target: { [target.slice(0, at)]: target.slice(at + 1) },
    intent: parsed as Record<string, unknown>,
  };
};

/** Of a change that is open, or of one that is only described by flags. Exits 2 when the gate would stop it. */
export async function changesSimulate(
  this: CliContext,
  flags: SimulateFlags,
  id?: string,
): Promise<void> {
  const { governance } = openSession(this);
  if (id !== undefined) {
    const said = await governance.simulateDecision({ id });
    print(this, flags, said, () =>
      [...gateWords(said.gate), policyWords(said.policies)].join('\n'),
    );
    this.process.exitCode = said.gate.allowed ? EXIT.done : EXIT.refused;
    return;
  }
  const said = await governance.simulateChange(wishOf(flags));
  print(this, flags, said, () =>
    [
      ...changeDiff(said),
      `risk ${said.risk}: ${said.risk_reasons.join('; ')}`,
      `dry run: ${said.verify.ok ? 'passed' : 'failed'}`,
      ...gateWords(said.gate),
      policyWords(said.policies),
    ].join('\n'),
  );
  this.process.exitCode = said.gate.allowed ? EXIT.done : EXIT.refused;
}
