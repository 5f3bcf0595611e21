import { isNamespaceName, isObjectName } from '@holdfast/tuning';

/** Why these names can be no Kubernetes names, or nothing. */
export const badNames = (names: {
  namespace?: string;
  name?: string;
  container?: string;
}): string | undefined => {
  if (names.namespace !== undefined && !isNamespaceName(names.namespace))
    return `invalid namespace ${JSON.stringify(names.namespace)}: not an RFC 1123 label`;
  if (names.name !== undefined && !isObjectName(names.name))
    return `invalid name ${JSON.stringify(names.name)}: not an RFC 1123 subdomain`;
  if (names.container !== undefined && !isNamespaceName(names.container))
    return `invalid container ${JSON.stringify(names.container)}: not an RFC 1123 label`;
  return undefined;
};
