import { statSync } from 'node:fs';
import { CliError, EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { note, print, type JsonFlag } from '../output.ts';
import { answersNow, awaitAnswer, urlOfHome } from '../service/await-answer.ts';
import { foregroundCommand } from '../service/foreground-command.ts';
import { pickManager } from '../service/pick-manager.ts';
import { nextProfile } from '../stack/next-profile.ts';
import {
  leftOut,
  readServiceSpec,
  type InstallFlags,
  type ServiceSpec,
} from '../service/service-spec.ts';
import { serviceWords } from '../words/service-words.ts';

const START_MS = 60_000;

/** Who may write what a service of the machine runs may become its account. */
const warnings = (context: CliContext, spec: ServiceSpec): string[] => {
  const { platform } = context.process;
  const owner = platform === 'win32' ? 0 : statSync(spec.program).uid;
  const user = spec.scope === 'user' && platform === 'linux';
  return [
    ...leftOut(context.process.env).map(
      (name) =>
        `note: ${name} is set here and may be a secret: it is not written, the service runs without it`,
    ),
    ...(spec.scope === 'system' && spec.runAs === undefined && owner !== 0
      ? [`note: the service runs as root what user ${owner} may change: ${spec.program}`]
      : []),
    ...(user
      ? ['note: it starts when you log in; `loginctl enable-linger` starts it at boot']
      : []),
  ];
};

/** A home that has a profile keeps it, whatever the service was installed with. */
const otherProfile = async (context: CliContext, spec: ServiceSpec): Promise<string[]> => {
  const { profile } = await nextProfile({ ...context, home: spec.home }, undefined);
  return profile === spec.profile
    ? []
    : [`note: this home keeps its profile ${profile}; \`profile use ${spec.profile}\` switches it`];
};

export async function serviceInstall(
  this: CliContext,
  flags: JsonFlag & InstallFlags & { print?: boolean },
): Promise<void> {
  const spec = readServiceSpec(this, flags);
  const manager = pickManager(this, spec.scope);
  const rendered = manager.render(spec);
  if (flags.print) {
    print(this, flags, rendered, () => rendered.text.trimEnd());
    return;
  }
  const why = await manager.unavailable();
  if (why !== undefined)
    throw new CliError(why, {
      next: `in the foreground, under whatever supervises processes here: ${foregroundCommand(spec)}`,
    });
  const before = await manager.status();
  if (!before.running && (await answersNow(spec.home)))
    throw new CliError(`a stack of ${spec.home} runs already, outside of the service`, {
      next: '`bin/holdfast down` stops it',
    });
  const { changed } = await manager.install(spec);
  const answers = await awaitAnswer(spec.home, START_MS);
  const status = await manager.status();
  // A home of another account may not be readable; then there is nothing to say about it.
  const kept = await otherProfile(this, spec).catch(() => []);
  for (const line of [...warnings(this, spec), ...kept]) note(this, line);
  const result = { changed, answers, url: urlOfHome(spec.home) ?? null, ...status };
  print(this, flags, result, () =>
    [
      changed ? `installed ${status.file}` : 'it was installed and running already',
      serviceWords(status),
      answers
        ? `the stack answers: ${result.url}`
        : `the stack does not answer yet; ${manager.advice}`,
    ].join('\n'),
  );
  this.process.exitCode = answers ? EXIT.done : EXIT.failed;
}
