import type { Assignment, GuardianStatus } from '@holdfast/contracts';

export interface ReportFacts {
  readonly status: GuardianStatus;
  readonly url: string;
  readonly home: string;
  readonly elapsedMs: number;
  readonly killSwitch: boolean;
  /** Settings that the profile does not take. */
  readonly dropped: readonly string[];
  /** Only on the start that made it. */
  readonly newToken?: string;
  readonly tokenUnknown: boolean;
}

const line = (one: Assignment): string => {
  const where = one.port === null ? '' : ` port ${one.port}`;
  const who = one.pid === null ? '' : ` pid ${one.pid}`;
  const why = one.reason === '' ? '' : `: ${one.reason}`;
  return `  ${one.name.padEnd(24)}${one.status}${where}${who}${why}`;
};

const notes = (facts: ReportFacts): string[] => [
  ...(facts.dropped.length > 0
    ? [`profile ${facts.status.profile} does not take these settings: ${facts.dropped.join(', ')}`]
    : []),
  ...(facts.killSwitch ? ['kill switch is on: every change is refused'] : []),
  ...(facts.newToken === undefined
    ? []
    : [
        `owner token: ${facts.newToken}`,
        '  shown this once; the CLI finds it in credentials.json, the server keeps only a hash',
      ]),
  ...(facts.tokenUnknown
    ? ['credentials.json is gone: the owner token still holds; set ADMIN_TOKEN to replace it']
    : []),
];

/** What a person in front of the terminal wants to know after a start: what runs, what does not and why, and where. */
export const describeStart = (facts: ReportFacts): string => {
  const { status } = facts;
  const absent = status.kernels.filter((one) => one.status === 'not_installed');
  const present = [...status.kernels, ...status.processes].filter((one) => !absent.includes(one));
  const wanted = present.filter((one) => one.status !== 'not_started');
  const up = wanted.filter((one) => one.status === 'healthy').length;
  const idle = wanted.filter((one) => one.status === 'idle').length;
  const counts = `${up} of ${wanted.length} healthy${idle === 0 ? '' : `, ${idle} idle`}`;
  const lines = [
    `holdfast ${status.version}, profile ${status.profile}, home ${facts.home}`,
    ...present.map(line),
    ...(absent.length === 0
      ? []
      : [`  not in this build: ${absent.map((one) => one.name).join(', ')}`]),
    ...notes(facts),
    `${status.state}: ${counts} after ${Math.round(facts.elapsedMs)} ms`,
    facts.url,
  ];
  return `${lines.join('\n')}\n`;
};
