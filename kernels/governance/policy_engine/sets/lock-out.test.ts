import { describe, expect, it } from 'vitest';
import { createReference } from '../cedar/reference.ts';
import { loadCedar } from '../cedar/load-cedar.ts';
import { openSet, type CompiledSet } from '../cedar/compiled-set.ts';
import { parseFiles } from '../cedar/parse-files.ts';
import { canBeChangedAgain } from './lock-out.ts';

const AT = '2026-03-02T09:30:00.000Z';

const open = async (text: string): Promise<CompiledSet> => {
  const files = [{ name: 'test.cedar', text }];
  const cedar = await loadCedar();
  const { statements, problems } = await parseFiles(cedar, files);
  expect(problems).toEqual([]);
  return openSet(files, statements, createReference(cedar));
};

const people = (count: number, effect = 'permit') =>
  Array.from(
    { length: count },
    (_, at) => `${effect} (principal == Author::"u${at}", action, resource);`,
  ).join('\n');

/** The set, and how often it is asked. */
const counted = (set: CompiledSet) => {
  let asked = 0;
  const judge: CompiledSet['judge'] = (request) => {
    asked += 1;
    return set.judge(request);
  };
  return { set: { ...set, judge }, asked: () => asked };
};

describe('a set that somebody can change again', () => {
  it.each([
    ['lets the owner', 'permit (principal in Role::"owner", action, resource);'],
    ['lets somebody it names', 'permit (principal == Author::"ann", action, resource);'],
    [
      'lets an admin it names at some hour',
      'permit (principal in Role::"admin", action, resource) when { principal.id == "ann" && context.hour == 3 };',
    ],
  ])('%s', async (_what, text) => {
    expect(await canBeChangedAgain(await open(text), AT)).toBe(true);
  });

  it('is none that permits nobody, or forbids everybody', async () => {
    expect(await canBeChangedAgain(await open(''), AT)).toBe(false);
    const all = 'forbid (principal, action, resource);';
    expect(await canBeChangedAgain(await open(`${people(3)} ${all}`), AT)).toBe(false);
  });

  it('is found by a bounded number of questions, between which other work goes on', async () => {
    const many = counted(
      await open(`${people(800, 'forbid')} ${people(800)} forbid (principal, action, resource);`),
    );
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    expect(await canBeChangedAgain(many.set, AT)).toBe(false);
    isOver = true;
    expect(many.asked()).toBeLessThan(1_500);
    expect(turns).toBeGreaterThan(100);
  });
});
