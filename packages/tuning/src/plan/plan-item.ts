/** One object to patch, by JSON merge patch (RFC 7386). */
export interface PlanItem {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
  reason?: string;
  patch: Record<string, unknown>;
}
