const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** DNS-1123 label, as Kubernetes asks of a namespace (at most 63 characters). */
export const isNamespaceName = (text: string): boolean => LABEL.test(text);

/** DNS-1123 subdomain, as Kubernetes asks of a workload's name (at most 253 characters). */
export const isObjectName = (text: string): boolean => text.length <= 253 && SUBDOMAIN.test(text);
