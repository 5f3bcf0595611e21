import { describe, expect, it } from 'vitest';
import { policyRequest } from '../test-support/policy-world.ts';
import { openSet } from './compiled-set.ts';
import { CedarLost, loadCedar, openCedar, troubleOf } from './load-cedar.ts';
import { parseFiles } from './parse-files.ts';
import { createReference } from './reference.ts';

const BOMB = `permit (principal, action, resource) when { ${'('.repeat(5_000)}true${')'.repeat(5_000)} };`;

describe('the policy language', () => {
  it('is there again after a text brought it down, and decides by what was parsed before', async () => {
    const cedar = await loadCedar();
    const files = [
      {
        name: 'a.cedar',
        text: 'permit (principal, action, resource) when { context.time > datetime("2020-01-01") };',
      },
    ];
    const { statements } = await parseFiles(cedar, files);
    const set = openSet(files, statements, createReference(cedar));
    expect(set.judge(policyRequest()).permits).toEqual(['a.cedar#1']);
    const before = cedar.generation();
    expect(() => cedar.policySetTextToParts(BOMB)).toThrow(CedarLost);
    expect(cedar.generation()).toBe(before + 1);
    expect(troubleOf(cedar)).toBeUndefined();
    expect(set.judge(policyRequest()).permits).toEqual(['a.cedar#1']);
  });

  it('says that it is in trouble when it does not parse a plain statement', async () => {
    const whole = await loadCedar();
    const trap = () => {
      throw Object.assign(new Error('unreachable'), { name: 'RuntimeError' });
    };
    expect(troubleOf(openCedar(() => ({ ...whole, policyToJson: trap })))).toContain('came down');
    const refusing = openCedar(() => ({
      ...whole,
      policyToJson: () => ({ type: 'failure', errors: [] }),
    }));
    expect(troubleOf(refusing)).toContain('refuses a valid statement');
  });
});
