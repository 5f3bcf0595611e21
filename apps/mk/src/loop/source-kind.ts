import type { SourceKind } from '@holdfast/tuning';
import { isClusterSource } from './collect.ts';

/** How the assessment calls the source that a flag names. */
export const sourceKind = (source: string): SourceKind => {
  if (isClusterSource(source)) return 'k8s';
  if (source === 'prometheus' || source === 'otlp') return 'metrics';
  return source === 'synthetic' ? 'synthetic' : 'file';
};
