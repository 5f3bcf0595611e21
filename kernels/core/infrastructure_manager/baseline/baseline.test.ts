import { EVENT_TYPES, type AgentTask } from '@holdfast/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveKernel, type ServedKernel } from '../test-support/served-kernel.ts';
import {
  connectScriptedAgent,
  createAgentKey,
  enrolTestHost,
  type ScriptedAgent,
} from '../test-support/scripted-agent.ts';

let kernel: ServedKernel;
let agent: ScriptedAgent;

const MANAGERS: Record<string, ('pip' | 'npm')[]> = {
  '/srv/venv': ['pip'],
  '/srv/other-venv': ['pip'],
  '/srv/site': ['npm'],
  '/srv/both': ['pip', 'npm'],
};

const answer = (task: AgentTask) => {
  if (task.type === 'scan') return { inventories: [] };
  if (task.type !== 'probe_environment') return undefined;
  const managers = MANAGERS[task.path] ?? [];
  const detail = managers.length > 0 ? 'known' : 'the system interpreter';
  return { probe: { path: task.path, isolated: managers.length > 0, managers, detail } };
};

beforeEach(async () => {
  kernel = await serveKernel();
  const key = createAgentKey();
  const host = await enrolTestHost(kernel, key);
  agent = await connectScriptedAgent({ kernel, host, key, answer });
});
afterEach(async () => {
  await agent.close();
  await kernel.close();
});

const set = (files: Record<string, string>, environments = ['/srv/venv'], directory?: string) =>
  kernel.api.setBaseline({ id: 'local', files, environments, directory });
const refusal = (work: Promise<unknown>) => work.catch((error: unknown) => error);
const names = (entries: { manager: string; environment: string; package: string }[]) =>
  entries.map((entry) => `${entry.manager} ${entry.environment} ${entry.package}`);

test('pip packages are bound to the venvs, npm packages to the node projects, and a place may be both', async () => {
  const files = {
    'requirements.txt': '-r more/base.txt\nSix==1.16.0\n',
    'more/base.txt': '-c ../bounds.txt\nuvicorn[standard]\n',
    'bounds.txt': 'idna<4\n',
    'package.json': '{"dependencies":{"left-pad":"^1.2.0"}}',
    'package-lock.json':
      '{"lockfileVersion":3,"packages":{"node_modules/left-pad":{"version":"1.3.0"}}}',
  };
  const baseline = await set(files, ['/srv/venv', '/srv/site', '/srv/both']);
  expect(names(baseline.entries)).toEqual([
    'pip /srv/venv uvicorn',
    'pip /srv/venv six',
    'pip /srv/venv idna',
    'pip /srv/both uvicorn',
    'pip /srv/both six',
    'pip /srv/both idna',
    'npm /srv/site left-pad',
    'npm /srv/both left-pad',
  ]);
  expect(baseline.entries.find((entry) => entry.package === 'left-pad')).toMatchObject({
    expected: '1.3.0',
    locked: '1.3.0',
  });
  expect(baseline.entries[0]).toMatchObject({ extras: ['standard'] });
});

test('each baseline has the next revision, an event with its digest, and can be read back', async () => {
  await set({ 'requirements.txt': 'six==1.15.0\n' });
  const second = await set({ 'requirements.txt': 'six==1.16.0\n./local\n' });
  expect(second.revision).toBe(2);
  expect(await kernel.api.getBaseline({ id: 'local' })).toEqual(second);
  const event = await kernel.world.waitForEvent(
    ({ type, data }) => type === EVENT_TYPES.baselineSet && data['revision'] === 2,
  );
  expect(event.data).toMatchObject({
    digest: second.digest,
    set_by: 'owner',
    packages: { pip: 1, npm: 0 },
    unmanaged: 1,
  });
});

test('a baseline without one is said to be missing', async () => {
  expect(await refusal(kernel.api.getBaseline({ id: 'local' }))).toMatchObject({
    code: 'baseline_missing',
  });
});

test.each([
  '../requirements.txt',
  'a/../../etc/passwd',
  '/etc/passwd',
  'C:/windows',
  'a\\b',
  'a//b',
  './requirements.txt',
  'a\nb',
])('the file name %j is refused', async (name) => {
  expect(await refusal(set({ [name]: 'six\n', 'requirements.txt': 'six\n' }))).toMatchObject({
    code: 'manifest_invalid',
  });
});

test('an include that leaves the given files is refused', async () => {
  expect(await refusal(set({ 'requirements.txt': '-r ../../etc/passwd\n' }))).toMatchObject({
    code: 'manifest_invalid',
  });
});

test.each([
  ['a system interpreter', '/usr'],
  ['a relative path', 'venv'],
  ['a path that goes up', '/srv/venv/../../usr'],
  ['a path with a control character', '/srv/venv\u0007'],
])('%s is no target environment', async (_, path) => {
  expect(await refusal(set({ 'requirements.txt': 'six\n' }, [path]))).toMatchObject({
    code: 'environment_not_isolated',
  });
  expect(await refusal(kernel.api.getBaseline({ id: 'local' }))).toMatchObject({
    code: 'baseline_missing',
  });
});

test.each([
  ['no manifest', { 'notes.txt': 'six' }, 'there is neither requirements.txt nor package.json'],
  ['nothing declared', { 'requirements.txt': '# nothing\n' }, 'requirements.txt name nothing'],
  [
    'nothing to bind to',
    { 'package.json': '{"dependencies":{"left-pad":"1.3.0"}}' },
    'nothing in package.json can be bound: none of the environments is a node project',
  ],
])('%s makes an empty baseline, which is refused with the reason', async (_, files, detail) => {
  expect(await refusal(set(files as Record<string, string>))).toMatchObject({
    code: 'baseline_empty',
    details: { detail },
  });
});

test.each([
  ['a broken line', 'six=1\n', 'manifest_invalid'],
  ['a broken marker', 'six==1; python_versio < "3"\n', 'manifest_invalid'],
  ['a name that could leave a directory', 'a..b==1\n', 'package_name_invalid'],
  [
    'credentials in an index',
    '--index-url https://me:pw@index.example/simple\nsix\n',
    'manifest_invalid',
  ],
  ['a variable in an option', '--index-url https://${HOST}/simple\nsix\n', 'manifest_invalid'],
  ['a relative place without a directory', '--find-links wheels\nsix\n', 'manifest_invalid'],
])('%s in requirements.txt is refused', async (_, text, code) => {
  const error = await refusal(set({ 'requirements.txt': text }));
  expect(error).toMatchObject({ code });
  expect(JSON.stringify(error)).not.toContain('pw@');
});

test('install options are kept as words, with places relative to the manifest made absolute', async () => {
  const text =
    '--find-links wheels\n--no-index\n--find-links file:///w\nsix\n--only-binary :all:\n';
  const baseline = await set({ 'requirements.txt': text }, ['/srv/venv'], '/srv/app');
  expect(baseline.options).toEqual([
    '--find-links',
    '/srv/app/wheels',
    '--no-index',
    '--find-links',
    'file:///w',
  ]);
  expect(baseline.unmanaged).toMatchObject([{ text: '--only-binary :all:' }]);
});

test('what has no environment of its kind is shown as unmanaged', async () => {
  const baseline = await set({
    'requirements.txt': 'six==1.16.0\n',
    'package.json': '{"dependencies":{"left-pad":"1.3.0","far":"git+https://x.example/far.git"}}',
  });
  expect(names(baseline.entries)).toEqual(['pip /srv/venv six']);
  expect(baseline.unmanaged.map(({ text }) => text)).toEqual([
    'far: git+https://x.example/far.git',
    'left-pad: 1.3.0',
  ]);
});

test('without an agent nothing is bound', async () => {
  await agent.close();
  expect(await refusal(set({ 'requirements.txt': 'six\n' }))).toMatchObject({
    code: 'agent_offline',
  });
});

test('more packages than any real manifest are refused, all environments counted', async () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, index) => `package-${index}==1.0\n`).join('');
  for (const [count, environments] of [
    [20_001, ['/srv/venv']],
    [10_001, ['/srv/venv', '/srv/other-venv']],
  ] as const)
    expect(
      await refusal(set({ 'requirements.txt': lines(count) }, [...environments])),
    ).toMatchObject({ code: 'manifest_invalid' });
});

test('two exact pins of one package are refused with both lines', async () => {
  const text = 'six==1.15.0\nidna==3.4\nSix==1.16.0\n';
  expect(await refusal(set({ 'requirements.txt': text }))).toMatchObject({
    code: 'manifest_invalid',
    details: {
      detail: expect.stringMatching(/requirements\.txt:1: .*requirements\.txt:3: /),
    },
  });
});

test('pins of one version, and pins under different markers, are no conflict', async () => {
  const text =
    'six==1.16\nsix==1.16.0\nidna==3.4; sys_platform == "linux"\nidna==3.7; sys_platform == "win32"\n';
  expect((await set({ 'requirements.txt': text })).entries).toHaveLength(4);
});
