import { describe, expect, test } from 'vitest';

import { parseRequirement } from './requirement.ts';

describe('parseRequirement', () => {
  test.each([
    ['requests', { name: 'requests', specifier: '', extras: [] }],
    ['Requests>=2,<3', { name: 'requests', rawName: 'Requests', specifier: '>=2,<3' }],
    ['a (>=1.0)', { name: 'a', specifier: '>=1.0' }],
    ['a[X_y, z,x-y] == 1.* ; os_name=="nt"', { extras: ['x-y', 'z'], specifier: '== 1.*' }],
    ['a;python_version<"3"', { specifier: '', marker: 'python_version<"3"' }],
    ['a@https://h/x.whl', { name: 'a', url: 'https://h/x.whl' }],
    ['a @ https://h/x;y ; os_name=="nt"', { url: 'https://h/x;y', marker: 'os_name=="nt"' }],
  ])('reads %j', (text, expected) => {
    expect(parseRequirement(text)).toMatchObject(expected);
  });

  test.each([
    ['', 'invalid_requirement'],
    ['-e .', 'invalid_requirement'],
    ['a b', 'invalid_requirement'],
    ['a 1.0', 'invalid_requirement'],
    ['a[x,,y]', 'invalid_requirement'],
    ['a[../x]', 'invalid_package_name'],
    ['a>=', 'invalid_specifier'],
    ['a>=1;', 'invalid_marker'],
    ['a;bogus=="1"', 'unknown_marker_variable'],
    ['a @ https://h/x os_name=="nt"', 'invalid_requirement'],
  ])('refuses %j with %s', (text, code) => {
    expect(() => parseRequirement(text)).toThrow(expect.objectContaining({ code }));
  });
});
