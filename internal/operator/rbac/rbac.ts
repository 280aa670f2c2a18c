import { group, plural } from '../schema/index.ts'

const name = 'kompressor-operator'

/** What the operator may do, and nothing else: no rule has a wildcard. */
const clusterRules = [
  { apiGroups: [group], resources: [plural], verbs: ['get', 'list', 'watch', 'patch'] },
  { apiGroups: [group], resources: [`${plural}/status`], verbs: ['patch'] },
  // To own objects where the API server insists on it (OwnerReferencesPermissionEnforcement).
  { apiGroups: [group], resources: [`${plural}/finalizers`], verbs: ['update'] },
  {
    apiGroups: ['apps'],
    resources: ['deployments'],
    verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
  },
  { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['patch'] },
  { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'create', 'patch', 'delete'] },
  // Why a pod does not start is written nowhere else.
  { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
  // It reads those that webhooks of jobs name, and no others.
  { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'create', 'patch', 'delete'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: ['create', 'patch', 'delete'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
]
const leaseRules = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
]

/** Service account, roles and bindings of an operator that runs in this namespace and serves all of them. */
export function operatorRbac(namespace: string) {
  const rbac = 'rbac.authorization.k8s.io'
  const apiVersion = `${rbac}/v1`
  const subjects = [{ kind: 'ServiceAccount', name, namespace }]
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    { apiVersion, kind: 'ClusterRole', metadata: { name }, rules: clusterRules },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects,
    },
    { apiVersion, kind: 'Role', metadata: { name, namespace }, rules: leaseRules },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata: { name, namespace },
      roleRef: { apiGroup: rbac, kind: 'Role', name },
      subjects,
    },
  ]
}
