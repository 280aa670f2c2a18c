#!/bin/bash
# namespaces.sh FOLDER NAME ADDRESS: the machine a node is. Runs as PID 1 of its own pid, mount, network, uts and ipc
# namespaces; what else belongs to the node is put into them from outside. Killing this one process takes every daemon,
# shim, pod, mount, network namespace and packet filter rule with it.
set -euo pipefail
folder=$1 name=$2 address=$3

# Copies of their own of the places Kubernetes writes to.
mount --make-rprivate /
for place in /run /var/lib/cni /var/log/pods /var/log/containers /var/lib/kubelet /usr/libexec/kubernetes; do
  [ -d "$place" ] || { mkdir -p "$place"; echo "$place" >>"$folder/made"; }
  mount -t tmpfs tmpfs "$place"
done
mkdir -p /run/netns /run/lock
# In memory, too: on a disk the import of an image takes between 4 and 12 s.
for place in containerd etcd; do
  mkdir -p "$folder/$place"
  mount -t tmpfs tmpfs "$folder/$place"
done
hostname "$name"

# The bridge of the pods, whose address is the node's, and the link to the world, which comes from outside.
ip link set lo up
ip link add cni0 type bridge
ip addr add "$address/24" dev cni0
ip link set cni0 up
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.route_localnet=1
until ip link show host0 >/dev/null 2>&1; do sleep 0.02; done
ip addr add 10.245.0.2/30 dev host0
ip link set host0 up
ip route add default via 10.245.0.1

touch "$folder/up"
# Also reaps whatever lost its parent.
while :; do sleep 3600 & wait $!; done
