import { findKind } from '../workload/workload-kinds.ts';
import { isNamespaceName, isObjectName } from './object-name.ts';
import { PlanError } from './plan-error.ts';
import type { PlanItem } from './plan-item.ts';
import { shellWord, singleQuoted } from './shell-word.ts';

const say = (text: string): string => `echo ${singleQuoted(text)} >&2`;

const HEAD = ['#!/usr/bin/env bash', 'set -Eeuo pipefail'];

const resourceOf = (item: PlanItem, index: number): string => {
  const kind = findKind(item.kind, item.apiVersion);
  if (kind === undefined || !isNamespaceName(item.namespace) || !isObjectName(item.name))
    throw new PlanError('invalid_item', `item ${index}: not an object that can be patched`, index);
  return `${kind.resource}/${item.name}`;
};

const targetLine = (item: PlanItem, index: number): string => {
  const [resource = '', name = ''] = resourceOf(item, index).split('/');
  return say(`Target: namespace=${item.namespace} ${resource}=${name}`);
};

const patchLine = (item: PlanItem, index: number): string =>
  [
    'kubectl -n',
    shellWord(item.namespace),
    'patch',
    shellWord(resourceOf(item, index)),
    '--type merge -p',
    singleQuoted(JSON.stringify(item.patch)),
  ].join(' ');

/**
 * A bash script that a person may read and run; nothing runs it by itself. One `kubectl patch` an item, none for an
 * empty plan. Every name is checked and every argument is quoted. Throws PlanError.
 */
export const renderScript = (items: readonly PlanItem[]): string => {
  const lines =
    items.length === 0
      ? [
          ...HEAD,
          '# Plan only. This plan has no actions.',
          say('Plan only: there is nothing to do.'),
        ]
      : [
          ...HEAD,
          '# Plan only: nothing has been changed, and nothing runs this file by itself.',
          say('Plan only: read this script before you run it.'),
          ...items.map(targetLine),
          say('Current context:'),
          'kubectl config current-context >&2 || true',
          '',
          ...items.map(patchLine),
        ];
  return `${lines.join('\n')}\n`;
};
