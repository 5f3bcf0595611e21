/** A refusal of the server's RBAC, taken apart. `name` is null where the whole resource was asked for. */
export interface RbacDenial {
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
  readonly api_group: string;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly scope: 'namespaced' | 'cluster';
  readonly suggested_rule: {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  };
  readonly hint: string;
}

/** The sentence of the RBAC authorizer; kubectl and the API's Status carry the same one. Resources may name a subresource. */
const DENIAL =
  /User "(?<user>[^"]+)" cannot (?<verb>[a-z]+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)" (?:in the namespace "(?<namespace>[^"]+)"|at the cluster scope)/;
const NAME = /"(?<name>[^"]+)" is forbidden:/;

/** What is refused in a text of kubectl or a Status message; nothing where it is no refusal of RBAC. */
export const parseRbacDenial = (text: string): RbacDenial | undefined => {
  const flat = text.replace(/\s+/g, ' ');
  const found = DENIAL.exec(flat)?.groups;
  if (found === undefined) return undefined;
  const { user = '', verb = '', resource = '', group = '', namespace } = found;
  const name = NAME.exec(flat)?.groups?.name ?? null;
  const isNamespaced = namespace !== undefined;
  const role = isNamespaced ? `Role in namespace ${namespace}` : 'ClusterRole';
  const target = name === null ? resource : `${resource} ${name}`;
  return {
    user,
    verb,
    resource,
    api_group: group,
    namespace: namespace ?? null,
    name,
    scope: isNamespaced ? 'namespaced' : 'cluster',
    suggested_rule: { apiGroups: [group], resources: [resource], verbs: [verb] },
    hint:
      `${user} may not ${verb} ${target}: add a rule for apiGroups ["${group}"], resources ["${resource}"], ` +
      `verbs ["${verb}"] to a ${role} and bind it to this user` +
      (name === null ? '' : `; resourceNames ["${name}"] keeps it to this object`),
  };
};
