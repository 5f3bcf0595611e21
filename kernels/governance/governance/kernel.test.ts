import { EVENT_TYPES } from '@holdfast/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ann,
  bob,
  createGovernanceWorld,
  refusal,
  type GovernanceWorld,
} from './test-support/governance-world.ts';

let open: GovernanceWorld | undefined;
const start = async (
  ...options: Parameters<typeof createGovernanceWorld>
): Promise<GovernanceWorld> => {
  open = await createGovernanceWorld(...options);
  return open;
};
afterEach(async () => {
  await open?.world.close();
  open = undefined;
});

describe('proposing', () => {
  it('answers the same key and body with the first answer, another body with a refusal', async () => {
    const { api, repair } = await start();
    const first = await repair('key-1');
    expect(await repair('key-1')).toEqual(first);
    const other = { kind: 'packages.update', target: { host: 'local' } } as const;
    const call = api.proposeChange(other, { idempotencyKey: 'key-1' });
    expect(await refusal(call)).toBe('idempotency_mismatch');
    expect((await api.listChanges({})).total).toBe(1);
  });

  it('makes one change of many calls with one key at the same moment', async () => {
    const { repair } = await start();
    const answers = await Promise.all(Array.from({ length: 8 }, () => repair('key-2')));
    expect(new Set(answers.map((change) => change.id)).size).toBe(1);
  });

  it('refuses a second change on a host, whatever it is called, naming the first', async () => {
    const { api, repair } = await start();
    const { id } = await repair();
    const again = { kind: 'packages.repair', target: { host: 'box_linux' } } as const;
    await expect(api.proposeChange(again)).rejects.toMatchObject({
      code: 'change_conflict',
      details: { other: id, target: 'host:box_linux' },
    });
  });

  it('takes exactly one of many proposals for a host at the same moment', async () => {
    const { repair } = await start();
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => repair()));
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
  });

  it('under an alias that nobody could resolve meets the other change when it is planned', async () => {
    const { api, repair, fake, untilState } = await start();
    const { getHost } = fake.ops as { getHost: (input: { id: string }) => object };
    const ops = fake.ops as Record<string, unknown>;
    ops['getHost'] = (input: { id: string }) =>
      input.id === 'local' ? Promise.reject(new Error('away')) : getHost(input);
    const first = await api.proposeChange({
      kind: 'packages.repair',
      target: { host: 'box_linux' },
    });
    await untilState(first.id, 'applying');
    const second = await repair();
    ops['getHost'] = getHost;
    const change = await untilState(second.id, 'failed');
    expect(change.reasons).toMatchObject([{ code: 'change_conflict' }]);
    expect(change.reasons[0]?.detail).toContain(first.id);
  });

  it('refuses a host that does not exist, and an intent that is too large', async () => {
    const { api } = await start();
    const propose = (host: string, intent = {}) =>
      refusal(api.proposeChange({ kind: 'packages.repair', target: { host }, intent }));
    expect(await propose('nobody')).toBe('host_not_found');
    expect(await propose('local', { note: 'x'.repeat(70_000) })).toBe('invalid_input');
    expect((await api.listChanges({})).total).toBe(0);
  });

  it.each([
    ['pip', '../../etc/passwd==1'],
    ['pip', 'requests'],
    ['pip', 'requests==not-a-version'],
    ['pip', '--index-url==1.0'],
    ['npm', '@scope==1.0.0'],
    ['npm', 'left-pad@latest'],
    ['npm', '@1.0.0'],
  ] as const)('refuses to schedule %s %s', async (update_type, wanted) => {
    const { api } = await start();
    const call = api.scheduleUpdate({ host_id: 'local', update_type, packages: [wanted] });
    expect(await refusal(call)).toBe('package_name_invalid');
  });

  it('schedules versions of pip and npm packages, asking for an approval unless told', async () => {
    const { api, untilState } = await start();
    const { id, kind, intent } = await api.scheduleUpdate({
      host_id: 'local',
      update_type: 'pip',
      packages: ['requests==2.32.0'],
    });
    expect({ kind, intent }).toEqual({
      kind: 'packages.update',
      intent: { manager: 'pip', packages: ['requests==2.32.0'], requires_approval: true },
    });
    expect((await untilState(id, 'waiting')).gate?.first).toBe('approval_required');
    await api.cancelChange({ id });
    const npm = await api.scheduleUpdate({
      host_id: 'local',
      update_type: 'npm',
      packages: ['@scope/left-pad@1.3.0'],
    });
    expect(npm.state).toBe('proposed');
  });
});

describe('reading', () => {
  it('lists changes newest first, in pages, by state, kind and any name of the host', async () => {
    const { api, repair, untilState } = await start();
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      const { id } = await repair();
      await api.cancelChange({ id });
      ids.unshift((await untilState(id, 'cancelled')).id);
    }
    const first = await api.listChanges({ limit: 2 });
    const second = await api.listChanges({ limit: 2, cursor: first.next_cursor! });
    const third = await api.listChanges({ limit: 2, cursor: second.next_cursor! });
    const pages = [first, second, third];
    expect(pages.flatMap((page) => page.items.map((change) => change.id))).toEqual(ids);
    expect(pages.map((page) => page.total)).toEqual([5, 5, 5]);
    expect(third.next_cursor).toBeNull();
    for (const host of ['local', 'box_linux'])
      expect((await api.listUpdates({ host })).total).toBe(5);
    expect((await api.listChanges({ state: 'cancelled', kind: 'packages.repair' })).total).toBe(5);
    expect((await api.listChanges({ state: 'done' })).total).toBe(0);
    expect(await refusal(api.listChanges({ cursor: 'x' }))).toBe('cursor_invalid');
    expect(await refusal(api.getChange({ id: 'chg_no' }))).toBe('change_not_found');
  });

  it('waits for a newer version of a change, and answers at once when there is one', async () => {
    const { api, repair, untilState } = await start();
    const { id } = await repair();
    const { version } = await untilState(id, 'applying');
    const settled = await api.getChange({ id, after_version: version - 1, wait_ms: 25_000 });
    expect(settled.version).toBeGreaterThanOrEqual(version);
  });

  it('waits for the end of a change past every version before it, and no longer than asked for', async () => {
    const { api, repair, untilState, report } = await start();
    const { id } = await repair();
    const { version, steps } = await untilState(id, 'applying');
    const late = await api.getChange({ id, after_version: version - 1, until: 'end', wait_ms: 50 });
    expect(late).toMatchObject({ state: 'applying' });
    const ended = api.getChange({ id, until: 'end', wait_ms: 25_000 });
    await report(id, 1, { state: 'applying', steps });
    await report(id, 2, { state: 'done' });
    expect(await ended).toMatchObject({ state: 'done' });
    expect(await api.getChange({ id, until: 'end', wait_ms: 25_000 })).toMatchObject({ id });
  });
});

describe('deciding', () => {
  it('lets a change be rejected or cancelled only before it is applied', async () => {
    const { api, as, repair, untilState, faults } = await start();
    faults.ledger = true;
    const first = await api.scheduleUpdate({
      host_id: 'local',
      update_type: 'pip',
      packages: ['requests==2.32.0'],
    });
    await untilState(first.id, 'waiting');
    const rejected = await as(bob).rejectChange({ id: first.id, reason: 'too early' });
    expect(rejected).toMatchObject({ state: 'rejected', reasons: [{ code: 'rejected' }] });
    expect(rejected.reasons[0]?.detail).toBe('by bob: too early');
    const { id } = await repair();
    await untilState(id, 'applying');
    expect(await refusal(api.cancelChange({ id }))).toBe('change_state');
    expect(await refusal(as(bob).rejectChange({ id, reason: 'no' }))).toBe('change_state');
  });

  it('applies a change of medium risk only after the ledger has signed for the decision', async () => {
    const { api, until, untilState, started, faults } = await start();
    faults.ledger = true;
    const { id } = await api.scheduleUpdate({
      host_id: 'local',
      update_type: 'pip',
      packages: ['requests==2.32.0'],
      requires_approval: false,
    });
    const held = await until(id, ({ reasons }) => reasons[0]?.code === 'receipt_missing');
    expect(held.state).toBe('approved');
    expect(started).toEqual([]);
    faults.ledger = false;
    await untilState(id, 'applying');
  });

  it('takes no receipt of a ledger that signs with another key than at first, and says so', async () => {
    const { api, report, until, untilState, started, faults, world } = await start();
    const update = (version: string) =>
      api.scheduleUpdate({
        host_id: 'local',
        update_type: 'pip',
        packages: [`requests==${version}`],
        requires_approval: false,
      });
    const first = await update('2.32.0');
    await untilState(first.id, 'applying');
    await report(first.id, 1, { state: 'failed' });
    await untilState(first.id, 'failed');
    faults.signer = 'somebody-else';
    const second = await update('2.32.1');
    const held = await until(second.id, ({ reasons }) => reasons[0]?.code === 'receipt_missing');
    expect(held.reasons[0]?.detail).toContain('it is known by fake-ledger');
    expect(started).toHaveLength(1);
    const alert = await world.waitForEvent(({ type }) => type === EVENT_TYPES.tripwireAlert);
    expect(alert).toMatchObject({ subject: 'ledger', data: { rule: 'T2' } });
    faults.signer = 'fake-ledger';
    await untilState(second.id, 'applying');
  });

  it('starts a run when the workflow engine comes back, once', async () => {
    const { repair, until, started, faults } = await start();
    faults.workflow = true;
    const { id } = await repair();
    await until(id, ({ reasons }) => reasons[0]?.code === 'kernel_unavailable');
    faults.workflow = false;
    await until(id, ({ reasons }) => reasons[0]?.code === 'applying');
    expect(started.map((plan) => plan.change)).toEqual([id]);
  });
});

describe('reports of a run', () => {
  it('are taken in once each, and never backwards', async () => {
    const { repair, untilState, report, api } = await start();
    const { id } = await repair();
    await untilState(id, 'applying');
    expect(await report(id, 3, { state: 'watching' })).toEqual({ seq: 3 });
    const { version } = await api.getChange({ id });
    expect(await report(id, 3, { state: 'watching' })).toEqual({ seq: 3 });
    expect(await report(id, 2, { state: 'applying' })).toEqual({ seq: 3 });
    expect((await api.getChange({ id })).version).toBe(version);
    await report(id, 4, { state: 'done' });
    expect(await report(id, 5, { state: 'failed' })).toEqual({ seq: 5 });
    expect((await api.getChange({ id })).state).toBe('done');
    expect(await refusal(report('chg_no', 1, {}))).toBe('change_not_found');
  });

  it('cannot be sent by people', async () => {
    const { api, repair } = await start();
    const { id } = await repair();
    const steps: never[] = [];
    const body = { id, seq: 1, state: 'done', steps, observation: null, detail: '' } as const;
    expect(await refusal(api.reportRun({ ...body, needs_revert: false }))).toBe('forbidden');
  });
});

describe('undoing a finished change', () => {
  const finish = async ({ repair, untilState, report }: GovernanceWorld): Promise<string> => {
    const { id } = await repair();
    const { steps } = await untilState(id, 'applying');
    const done = steps.map((step) => ({ ...step, state: 'succeeded' as const }));
    await report(id, 9, { state: 'done', steps: done });
    return id;
  };

  it('is a new change with the inverse steps, linked both ways', async () => {
    const world = await start();
    const id = await finish(world);
    const undo = await world.as(bob).revertChange({ id });
    expect(undo).toMatchObject({ kind: 'revert', reverts: id, proposed_by: 'bob' });
    const original = await world.api.getChange({ id });
    expect(original).toMatchObject({ state: 'done', reverted_by: undo.id });
    const waiting = await world.untilState(undo.id, 'waiting');
    expect(waiting).toMatchObject({ risk: 'high', gate: { first: 'approval_required' } });
    expect(waiting.plan?.steps.map((step) => step.key)).toEqual(['pip-requests', 'pip-flask']);
    expect(await refusal(world.api.revertChange({ id }))).toBe('change_conflict');
    expect((await world.api.listUpdates({ host: 'local' })).total).toBe(2);
    await world.approve(undo.id, await world.enrol(ann));
    await world.untilState(undo.id, 'applying');
    await world.report(undo.id, 1, { state: 'done' });
    expect(await refusal(world.api.revertChange({ id }))).toBe('revert_impossible');
  });

  it('is refused for a change that is not finished or that did nothing', async () => {
    const { api, repair, untilState } = await start();
    const { id } = await repair();
    expect(await refusal(api.revertChange({ id }))).toBe('change_state');
    await untilState(id, 'applying');
    expect(await refusal(api.revertChange({ id }))).toBe('change_state');
  });

  it('answers a repeated key with the same undo', async () => {
    const world = await start();
    const id = await finish(world);
    const options = { idempotencyKey: 'undo-1' };
    const first = await world.api.revertChange({ id }, options);
    expect(await world.api.revertChange({ id }, options)).toEqual(first);
  });
});
