import { expect, test } from 'vitest';
import { fillTemplate } from './fill-template.ts';

test('fills values in, and does not look into them again', () => {
  expect(fillTemplate('a={{a}} {{b}}', { a: '{{b}}$&', b: '2' })).toBe('a={{b}}$& 2');
});

test('a placeholder alone on its line takes several lines or none', () => {
  expect(fillTemplate('x\n  {{a}}\ny', { a: ['1', '2'] })).toBe('x\n  1\n  2\ny');
  expect(fillTemplate('x\n  {{a}}\ny', { a: [] })).toBe('x\ny');
});

test('refuses a place without a value and a value without a place', () => {
  expect(() => fillTemplate('{{a}}', {})).toThrow('no value for a');
  expect(() => fillTemplate('{{toString}}', {})).toThrow('no value for toString');
  expect(() => fillTemplate('x', { a: '1' })).toThrow('no place for a');
});
