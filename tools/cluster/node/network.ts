/** Of the node, the API server and the DNS server; the pods have the rest of its network. */
export const nodeAddress = '10.244.0.1'
/** Of the host, as pods reach what runs beside the cluster. */
export const hostAddress = '10.245.0.1'
/** The node's end of the link to the host. */
export const linkAddress = '10.245.0.2'
export const podNetwork = '10.244.0.0/24'
export const serviceNetwork = '10.96.0.0/16'
export const nodeName = 'node'
