import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { parseDuration } from '../parse-flags.ts';
import { openSession } from '../session.ts';
import { healingStatsWords, pausedWords } from '../words/healing-words.ts';

export async function healingShow(this: CliContext, flags: JsonFlag): Promise<void> {
  const stats = await openSession(this).healer.getHealingStats({});
  print(this, flags, stats, () => healingStatsWords(stats));
}

export async function healingPause(
  this: CliContext,
  flags: JsonFlag & { for: string },
  component?: string,
): Promise<void> {
  const for_s = parseDuration('for', flags.for);
  const result = await openSession(this).healer.pauseHealing({ component_name: component, for_s });
  print(this, flags, result, () => pausedWords(result.paused));
}

export async function healingResume(
  this: CliContext,
  flags: JsonFlag,
  component?: string,
): Promise<void> {
  const result = await openSession(this).healer.resumeHealing({ component_name: component });
  print(this, flags, result, () => pausedWords(result.paused));
}
