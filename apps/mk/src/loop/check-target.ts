import { isNamespaceName, isObjectName } from '@holdfast/tuning';
import { MkError } from '../frame/mk-error.ts';

/** Refuses names that Kubernetes takes for nothing, before they go anywhere. Throws MkError. */
export const checkTarget = (namespace: string, name: string): void => {
  if (!isNamespaceName(namespace))
    throw new MkError(`--k8s-namespace ${namespace}: not a name that Kubernetes takes`);
  if (!isObjectName(name))
    throw new MkError(`--k8s-deployment ${name}: not a name that Kubernetes takes`);
};
