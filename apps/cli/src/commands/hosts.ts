import { OS_TYPES, type Host } from '@holdfast/contracts';
import { CliError, EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { print, state, table, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';

const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;

const agentWord = (host: Host): string =>
  host.agent.connected ? 'connected' : host.agent.enrolled ? 'away' : 'none';

export async function hostsList(this: CliContext, flags: JsonFlag): Promise<void> {
  const hosts = await openSession(this).infrastructure.listHosts({});
  const rows = hosts.items.map((host) => [
    host.id,
    host.aliases.join(', '),
    `${host.os_type} ${host.os_version}`.trim(),
    host.architecture,
    state(host.status),
    agentWord(host),
    state(host.dependency_status),
  ]);
  print(this, flags, hosts, () =>
    table(['HOST', 'ALIAS', 'OS', 'ARCH', 'STATUS', 'AGENT', 'PACKAGES'], rows),
  );
}

const factLines = ({ facts }: Host): string[] =>
  facts === null
    ? ['  no facts reported yet']
    : [
        `  ${facts.os_name} ${facts.os_version}, ${facts.architecture}`,
        `  ${facts.cpus.count} CPUs (${facts.cpus.model}), ${gib(facts.memory.total_bytes)} memory`,
        ...facts.disks.map(
          (disk) =>
            `  disk ${disk.mount} ${disk.filesystem}: ${gib(disk.used_bytes)} of ${gib(disk.total_bytes)} used`,
        ),
        ...(facts.gpus.length === 0
          ? ['  no GPU']
          : facts.gpus.map(
              (gpu) => `  GPU ${gpu.index}: ${gpu.name}, ${gib(gpu.memory_total_bytes)}`,
            )),
      ];

export async function hostsShow(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const { infrastructure } = openSession(this);
  const host = await infrastructure.getHost({ id });
  const { inventories } = await infrastructure.getInventory({ id });
  const scans = inventories.map((item) => [
    item.manager,
    item.environment,
    String(Object.keys(item.packages).length),
    state(item.coverage.status),
    item.coverage.reason ?? '',
  ]);
  print(this, flags, { ...host, inventories }, () =>
    [
      `${host.id}: ${state(host.status)}${host.status_reason === '' ? '' : ` (${host.status_reason})`}, agent ${agentWord(host)}`,
      ...factLines(host),
      ...(scans.length === 0
        ? ['  not scanned yet']
        : [table(['MANAGER', 'ENVIRONMENT', 'PACKAGES', 'COVERAGE', 'WHY'], scans)]),
    ].join('\n'),
  );
}

export async function hostsRegister(
  this: CliContext,
  flags: JsonFlag & { os: string },
  hostname: string,
): Promise<void> {
  const os = OS_TYPES.find((type) => type === flags.os);
  if (!os)
    throw new CliError(`--os ${flags.os}: expected one of ${OS_TYPES.join(', ')}`, {
      exit: EXIT.usage,
    });
  const { infrastructure } = openSession(this);
  const result = await infrastructure.registerHost(
    { hostname, os_type: os },
    { idempotencyKey: crypto.randomUUID() },
  );
  print(
    this,
    flags,
    result,
    () =>
      `registered ${result.host.id}\nenrolment token (single use, until ${result.enrolment.expires_at}): ${result.enrolment.token}`,
  );
}
