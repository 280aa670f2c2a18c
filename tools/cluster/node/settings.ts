import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pauseImage } from './images.ts'
import { nodeAddress, podNetwork } from './network.ts'
import { run } from './run.ts'

/** Writes what the daemons of a node read, below its folder. */
export async function writeSettings(folder: string): Promise<void> {
  const at = (...names: string[]) => path.join(folder, ...names)
  for (const name of ['etc', 'pki', 'cni']) await mkdir(at(name), { mode: 0o700, recursive: true })
  await writeFile(at('etc/containerd.toml'), containerd(folder))
  // JSON is YAML.
  const json = (name: string, value: object) => writeFile(at(name), JSON.stringify(value, null, 2))
  await json('etc/kubelet.yaml', kubelet(folder))
  await json('etc/kube-proxy.yaml', kubeProxy(folder))
  await json('cni/10-kompressor.conflist', podInterfaces)
  await writeFile(at('etc/Corefile'), corefile(folder))
  // The API server shows it to the kubelet, which trusts nobody else: a certificate that is its own authority.
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '3650', '-subj', '/O=system:masters/CN=kube-apiserver'],
    ...['-keyout', at('pki/kubelet-client.key'), '-out', at('pki/kubelet-client.crt')],
  ])
}

const containerd = (folder: string) => `version = 2
root = "${folder}/containerd"
state = "/run/containerd"
[grpc]
  address = "${folder}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Without CAP_SYS_RESOURCE a score cannot be lowered, and no sandbox would start.
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${folder}/cni"
`

const kubelet = (folder: string) => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  containerRuntimeEndpoint: `unix://${folder}/containerd.sock`,
  cgroupDriver: 'cgroupfs',
  failCgroupV1: false,
  failSwapOn: false,
  oomScoreAdj: 0,
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: path.join(folder, 'pki/kubelet-client.crt') },
  },
  authorization: { mode: 'Webhook' },
  healthzBindAddress: '127.0.0.1',
  clusterDomain: 'cluster.local',
  clusterDNS: [nodeAddress],
  // What the host resolves with cannot be reached from here.
  resolvConf: '',
  enforceNodeAllocatable: [],
  makeIPTablesUtilChains: false,
  serializeImagePulls: false,
  // An image that is removed cannot be pulled again.
  imageGCHighThresholdPercent: 100,
  evictionHard: {
    'memory.available': '50Mi',
    'nodefs.available': '1%',
    'imagefs.available': '1%',
    'nodefs.inodesFree': '1%',
  },
  evictionPressureTransitionPeriod: '5s',
  shutdownGracePeriod: '0s',
})

const kubeProxy = (folder: string) => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'nftables',
  clientConnection: { kubeconfig: path.join(folder, 'etc/kube-proxy.kubeconfig') },
  clusterCIDR: podNetwork,
  // Cannot be set outside the first network namespace.
  conntrack: { maxPerCore: 0, min: 0 },
  // By default a Service can refuse for a second after a rollout.
  nftables: { minSyncPeriod: '100ms' },
  oomScoreAdj: 0,
  nodePortAddresses: [],
  bindAddress: '0.0.0.0',
  healthzBindAddress: '127.0.0.1:10256',
  metricsBindAddress: '127.0.0.1:10249',
})

const podInterfaces = {
  cniVersion: '1.0.0',
  name: 'kompressor',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      hairpinMode: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: podNetwork }]], routes: [{ dst: '0.0.0.0/0' }] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
}

/** Of cluster.local alone: there is nothing outside that pods could reach by a name. */
const corefile = (folder: string) => `.:53 {
  bind ${nodeAddress}
  ready ${nodeAddress}:8181
  errors
  cache 2
  kubernetes cluster.local {
    kubeconfig ${folder}/etc/coredns.kubeconfig
  }
}
`
