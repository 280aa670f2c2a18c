#!/bin/bash
# Undoes what a node changed outside its namespaces, once all its processes are killed. Runs in the node's folder.
cd "$(dirname "$0")" || exit 1
# Groups can be removed as soon as the last of the killed is gone.
for _ in {1..100}; do
  for group in /sys/fs/cgroup/kubepods /sys/fs/cgroup/*/kubepods; do
    [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
  done
  ls -d /sys/fs/cgroup/kubepods /sys/fs/cgroup/*/kubepods >/dev/null 2>&1 || break
  sleep 0.1
done
ip link del kube0 2>/dev/null
# The kubelet sets these for the whole machine.
[ ! -s sysctl ] || sysctl -qp sysctl
[ ! -s made ] || tac made | xargs rmdir 2>/dev/null
exit 0
