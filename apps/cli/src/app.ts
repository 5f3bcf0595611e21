import { VERSION } from '@holdfast/contracts/version';
import { buildApplication, buildRouteMap } from '@stricli/core';
import {
  command,
  hostFlag,
  manyPositional,
  onePositional,
  optionalPositional,
  stringFlag,
} from './define-command.ts';

const boolean = (brief: string) =>
  ({ kind: 'boolean', brief, optional: true, withNegated: false }) as const;

const changes = buildRouteMap({
  docs: { brief: 'Look at changes and decide about them' },
  defaultCommand: 'list',
  routes: {
    list: command({
      brief: 'List changes, newest first',
      flags: { state: stringFlag('Only changes in this state', 'STATE', { optional: true }) },
      load: async () => (await import('./commands/changes-list.ts')).changesList,
    }),
    show: command({
      brief: 'Tell one change in words',
      positional: onePositional('Change id', 'ID'),
      load: async () => (await import('./commands/changes-show.ts')).changesShow,
    }),
    approve: command({
      brief: 'Approve the plan of a waiting change',
      positional: onePositional('Change id', 'ID'),
      flags: {
        plan: stringFlag('Plan hash that was looked at; that of the change when absent', 'HASH', {
          optional: true,
        }),
      },
      load: async () => (await import('./commands/changes-decide.ts')).changesApprove,
    }),
    reject: command({
      brief: 'Reject a change that has not been applied',
      positional: onePositional('Change id', 'ID'),
      flags: { reason: stringFlag('Why', 'TEXT') },
      load: async () => (await import('./commands/changes-decide.ts')).changesReject,
    }),
    revert: command({
      brief: 'Undo a finished change by a new change',
      positional: onePositional('Change id', 'ID'),
      load: async () => (await import('./commands/changes-decide.ts')).changesRevert,
    }),
  },
});

const log = buildRouteMap({
  docs: { brief: 'Read and check the ledger' },
  routes: {
    tail: command({
      brief: 'Show the newest entries',
      flags: { lines: stringFlag('How many', 'N', { default: '20' }) },
      load: async () => (await import('./commands/log-tail.ts')).logTail,
    }),
    verify: command({
      brief: 'Recompute the whole ledger from the stored entries, without the server',
      load: async () => (await import('./commands/log-verify.ts')).logVerify,
    }),
    prove: command({
      brief: 'Write an inclusion proof of an entry',
      positional: onePositional('Entry id, entry index, or change id (its newest entry)', 'ID'),
      flags: {
        out: stringFlag('File to write; ID.proof.json when absent', 'FILE', { optional: true }),
      },
      load: async () => (await import('./commands/log-prove.ts')).logProve,
    }),
    check: command({
      brief: 'Check a proof file without any server',
      positional: onePositional('Proof file', 'FILE'),
      flags: {
        key: stringFlag('Verifier key to trust instead of the one of this home', 'KEY', {
          optional: true,
        }),
      },
      load: async () => (await import('./commands/log-check.ts')).logCheck,
    }),
    export: command({
      brief: 'Write the whole ledger to a file (NDJSON)',
      positional: onePositional('File to write', 'FILE'),
      load: async () => (await import('./commands/log-export.ts')).logExport,
    }),
  },
});

const baseline = buildRouteMap({
  docs: { brief: 'Declare and show the desired packages of a host' },
  routes: {
    set: command({
      brief: 'Declare a baseline from requirements.txt and package.json',
      flags: {
        host: hostFlag,
        from: stringFlag('Folder with the manifests', 'DIR'),
        env: stringFlag('Target environment: a venv or a node project; may be repeated', 'PATH', {
          variadic: true,
        }),
      },
      load: async () => (await import('./commands/baseline-set.ts')).baselineSet,
    }),
    show: command({
      brief: 'Show the baseline of a host',
      flags: { host: hostFlag },
      load: async () => (await import('./commands/baseline-show.ts')).baselineShow,
    }),
  },
});

const hosts = buildRouteMap({
  docs: { brief: 'Look at hosts and register new ones' },
  defaultCommand: 'list',
  routes: {
    list: command({
      brief: 'List hosts',
      load: async () => (await import('./commands/hosts.ts')).hostsList,
    }),
    show: command({
      brief: 'Show one host with its facts and the coverage of its scans',
      positional: onePositional('Host id or alias', 'HOST'),
      load: async () => (await import('./commands/hosts.ts')).hostsShow,
    }),
    register: command({
      brief: 'Register a host and get an enrolment token for its agent',
      positional: onePositional('Host name', 'NAME'),
      flags: { os: stringFlag('windows, linux or macos', 'OS') },
      load: async () => (await import('./commands/hosts.ts')).hostsRegister,
    }),
  },
});

const propose = buildRouteMap({
  docs: { brief: 'Propose a change' },
  routes: {
    repair: command({
      brief: 'Bring the packages of a host back to its baseline',
      flags: { host: hostFlag, detach: boolean('Do not wait for the outcome') },
      load: async () => (await import('./commands/propose-repair.ts')).proposeRepair,
    }),
  },
});

const librarian = buildRouteMap({
  docs: { brief: 'Search runbooks, documents and what happened' },
  routes: {
    search: command({
      brief: 'Find passages, best first, with file and lines',
      positional: manyPositional('Words; put a phrase in quotes within quotes', 'WORD'),
      flags: {
        limit: stringFlag('How many', 'N', { default: '10' }),
        kind: stringFlag('Only this kind of document', 'KIND', { optional: true }),
      },
      load: async () => (await import('./commands/librarian-search.ts')).librarianSearch,
    }),
    ingest: command({
      brief: 'Index a file or a folder below one of the folders that the profile allows',
      positional: onePositional('File or folder', 'PATH'),
      load: async () => (await import('./commands/librarian-ingest.ts')).librarianIngest,
    }),
    sources: command({
      brief: 'List what is indexed',
      flags: {
        kind: stringFlag('Only this kind of document', 'KIND', { optional: true }),
        limit: stringFlag('How many', 'N', { default: '100' }),
      },
      load: async () => (await import('./commands/librarian-sources.ts')).librarianSources,
    }),
    forget: command({
      brief: 'Take a document out of the index',
      positional: onePositional('Document id', 'ID'),
      load: async () => (await import('./commands/librarian-forget.ts')).librarianForget,
    }),
    reindex: command({
      brief: 'Look through every file and folder again and read what changed',
      load: async () => (await import('./commands/librarian-ingest.ts')).librarianReindex,
    }),
  },
});

const healing = buildRouteMap({
  docs: { brief: 'See how healing fares; pause and resume automatic restarts' },
  defaultCommand: 'show',
  routes: {
    show: command({
      brief: 'Counts, what is paused, and the newest healings',
      load: async () => (await import('./commands/healing.ts')).healingShow,
    }),
    pause: command({
      brief: 'Stop automatic restarts of one kernel, or of all, for a while',
      positional: optionalPositional('Kernel; all when absent', 'KERNEL'),
      flags: {
        for: stringFlag('How long: 90s, 5m, 2h; a day at most', 'TIME', { default: '5m' }),
      },
      load: async () => (await import('./commands/healing.ts')).healingPause,
    }),
    resume: command({
      brief: 'Let automatic restarts go on, and restart what died meanwhile',
      positional: optionalPositional('Kernel; all when absent', 'KERNEL'),
      load: async () => (await import('./commands/healing.ts')).healingResume,
    }),
  },
});

const scopeFlags = {
  user: boolean('A service of your own; the default unless you are root'),
  system: boolean('A service of the machine'),
};

const service = buildRouteMap({
  docs: { brief: 'Have systemd, launchd or Windows keep the stack running' },
  defaultCommand: 'status',
  routes: {
    install: command({
      brief: 'Install, enable and start the service; again after a change of settings',
      flags: {
        ...scopeFlags,
        profile: stringFlag('user, pro or enterprise-vip', 'NAME', { default: 'user' }),
        home: stringFlag('Folder of the stack; HOLDFAST_HOME when absent', 'DIR', {
          optional: true,
        }),
        runAs: stringFlag('Account that a service of the machine runs as', 'ACCOUNT', {
          optional: true,
        }),
        print: boolean('Print what would be written, and change nothing'),
      },
      load: async () => (await import('./commands/service-install.ts')).serviceInstall,
    }),
    uninstall: command({
      brief: 'Stop and remove the service; the home stays',
      flags: scopeFlags,
      load: async () => (await import('./commands/service-uninstall.ts')).serviceUninstall,
    }),
    status: command({
      brief: 'Say whether it is installed, enabled and running, as the service manager sees it',
      flags: scopeFlags,
      load: async () => (await import('./commands/service-status.ts')).serviceStatus,
    }),
  },
});

const root = buildRouteMap({
  docs: { brief: 'Holdfast: one gate for every change to machines and services' },
  routes: {
    up: command({
      brief: 'Start the stack',
      flags: {
        profile: stringFlag('user, pro or enterprise-vip', 'NAME', { default: 'user' }),
        detach: boolean('Return once everything answers'),
      },
      load: async () => (await import('./commands/up.ts')).up,
    }),
    down: command({
      brief: 'Stop the stack',
      load: async () => (await import('./commands/down.ts')).down,
    }),
    status: command({
      brief: 'Show what runs and what does not, and why',
      load: async () => (await import('./commands/status.ts')).status,
    }),
    kernels: command({
      brief: 'List every kernel with its live port and state',
      load: async () => (await import('./commands/kernels.ts')).kernels,
    }),
    heal: command({
      brief: 'Run the healing playbooks for a kernel, and see that it answers',
      positional: onePositional('Kernel', 'KERNEL'),
      flags: {
        issueType: stringFlag('What is wrong; port_not_listening when absent', 'ISSUE', {
          optional: true,
        }),
        severity: stringFlag('low, medium, high or critical', 'SEVERITY', { optional: true }),
        action: stringFlag('Only this playbook', 'PLAYBOOK', { optional: true }),
      },
      load: async () => (await import('./commands/heal.ts')).heal,
    }),
    healing,
    incidents: command({
      brief: 'List outages and how they were repaired, newest first',
      flags: {
        component: stringFlag('Only of this kernel', 'KERNEL', { optional: true }),
        status: stringFlag('detected, remediating, resolved or failed', 'STATE', {
          optional: true,
        }),
        limit: stringFlag('How many', 'N', { default: '20' }),
      },
      load: async () => (await import('./commands/incidents.ts')).incidents,
    }),
    reload: command({
      brief: 'Replace what runs by the build on disk, without a lost request',
      positional: optionalPositional('Kernel, gateway or guardian; all when absent', 'NAME'),
      load: async () => (await import('./commands/reload.ts')).reload,
    }),
    service,
    hosts,
    scan: command({
      brief: 'Scan a host now',
      flags: { host: hostFlag },
      load: async () => (await import('./commands/scan.ts')).scan,
    }),
    baseline,
    drift: command({
      brief: 'Show the drift of a host as of its last scan',
      flags: { host: hostFlag },
      load: async () => (await import('./commands/drift.ts')).drift,
    }),
    propose,
    changes,
    freeze: command({
      brief: 'Turn the kill switch on',
      flags: { reason: stringFlag('Why', 'TEXT', { default: '' }) },
      load: async () => (await import('./commands/freeze.ts')).freeze,
    }),
    unfreeze: command({
      brief: 'Turn the kill switch off',
      load: async () => (await import('./commands/freeze.ts')).unfreeze,
    }),
    log,
    librarian,
  },
});

/** The whole command line as data. */
export const app = buildApplication(root, {
  name: 'holdfast',
  versionInfo: { currentVersion: VERSION },
  scanner: { caseStyle: 'allow-kebab-for-camel' },
  documentation: { disableAnsiColor: true },
});
