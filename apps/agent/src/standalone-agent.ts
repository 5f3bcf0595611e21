import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createShippedDrivers } from '@holdfast/drivers';
import { createLogger, exitOnUncaught, systemClock } from '@holdfast/sdk';
import { startAgent } from './agent.ts';
import { readFullFacts } from './facts/full-facts.ts';
import { useScratchFolder } from './scratch-folder.ts';

const USAGE = `usage: agent --url URL [--token-file FILE] [--home DIR]

  --url URL          where the gateway answers, for example http://stack.example:8000
  --token-file FILE  holds a single-use enrolment token; needed the first time
  --home DIR         where identity and journal are kept (default: HOLDFAST_HOME or ~/.holdfast)
`;
const EXIT_USAGE = 64;

interface Arguments {
  readonly url: string;
  readonly home: string;
  readonly tokenFile: string | undefined;
}

/** Throws when the command line is not one of USAGE. */
export const readArguments = (argv: readonly string[], env: NodeJS.ProcessEnv): Arguments => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      url: { type: 'string' },
      'token-file': { type: 'string' },
      home: { type: 'string' },
    },
  });
  if (values.url === undefined) throw new Error('--url is missing');
  const { protocol } = new URL(values.url);
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new Error(`--url: expected http or https, got ${protocol}`);
  const home = values.home ?? env['HOLDFAST_HOME'] ?? `${homedir()}/.holdfast`;
  return { url: values.url, home: resolve(home), tokenFile: values['token-file'] };
};

/** The agent of another machine: connects to a stack elsewhere until it is told to stop. */
export const runStandaloneAgent = async (): Promise<void> => {
  let given: Arguments;
  try {
    given = readArguments(process.argv.slice(2), process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'wrong arguments'}\n${USAGE}`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  const log = createLogger('agent', 'info');
  exitOnUncaught(log);
  const { url, home, tokenFile } = given;
  const token = tokenFile === undefined ? undefined : (await readFile(tokenFile, 'utf8')).trim();
  useScratchFolder(home);
  const agent = await startAgent({
    home,
    url,
    enrolmentToken: token,
    drivers: createShippedDrivers(),
    clock: systemClock,
    log,
    readFacts: readFullFacts,
  });
  const stop = (): void => void agent.stop().finally(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await agent.done;
};
