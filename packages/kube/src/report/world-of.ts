import { WorkloadError, worldRevision } from '@holdfast/tuning';
import type { KubeObject } from '../workload.ts';

/** What a plan depends on of an object, by its revision; undefined where it could not be read, or is no known workload. */
export const worldOf = (object: KubeObject | undefined): string | undefined => {
  if (object === undefined) return undefined;
  try {
    return worldRevision(object);
  } catch (error) {
    if (error instanceof WorkloadError) return undefined;
    throw error;
  }
};
