#!/bin/sh
# First process of a local node, inside its own network, mount, PID, IPC and UTS namespaces. Everything that runs here
# dies with it. Makes the node's file systems and network, then keeps every program in $STATE/commands running, as an init
# system would: again after a second, unless $STATE/paused has a file of that name.
#
# Environment: STATE (absolute), CGROUP, NODE_NAME, NODE_INTERFACE, NODE_ADDRESS (with prefix), HOST_ADDRESS
set -eu

if [ "${1-}" != inside ]; then
  # /proc is still the host's here: /proc/self is this process by its host PID, the only one that others can use.
  read -r stat </proc/self/stat
  set -- $stat
  echo "$1 ${22}" >"$STATE/init.part"
  mv "$STATE/init.part" "$STATE/init"

  # One subtree a cluster in every hierarchy (one with version 2, one a controller with version 1). It becomes the root of a
  # cgroup namespace: whatever is made inside lies in it, and nothing of other clusters is seen.
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
    [ -e "$hierarchy/cgroup.procs" ] || continue
    mkdir -p "$hierarchy/$CGROUP"
    for file in cpuset.cpus cpuset.mems; do
      # Version 1 refuses members until these are set.
      [ -e "$hierarchy/cgroup.controllers" ] || [ ! -e "$hierarchy/$file" ] || cat "$hierarchy/$file" >"$hierarchy/$CGROUP/$file"
    done
    echo "$$" >"$hierarchy/$CGROUP/cgroup.procs"
  done
  exec unshare --cgroup -- sh "$0" inside
fi

cd "$STATE"
mount --make-rprivate /
mounts=$(cat /proc/self/mounts)
umount -l /sys/fs/cgroup
# The same hierarchies again, as seen from the namespace.
echo "$mounts" | while read -r _ target type options _; do
  case "$target" in /sys/fs/cgroup | /sys/fs/cgroup/*) ;; *) continue ;; esac
  case "$type" in
    tmpfs) mount -t tmpfs -o mode=0755 tmpfs "$target" ;;
    cgroup2) mkdir -p "$target" && mount -t cgroup2 cgroup2 "$target" ;;
    cgroup)
      controllers=$(echo "$options" | tr , '\n' | grep -vE '^(rw|ro|nosuid|nodev|noexec|relatime|noatime|seclabel|xattr|clone_children|release_agent=.*)$' | paste -sd , -)
      mkdir -p "$target" && mount -t cgroup -o "$controllers" cgroup "$target"
      ;;
  esac
done
# Version 2: only leaves have members where controllers are handed down.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p /sys/fs/cgroup/system
  echo 1 >/sys/fs/cgroup/system/cgroup.procs
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
    echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || true
  done
fi

mount -t proc proc /proc
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/containerd /run/lock
# The usual paths, without touching what the host has there.
for folder in /var/lib /var/log; do
  mkdir -p "/run/node$folder/upper" "/run/node$folder/work"
  mount -t overlay overlay -o "lowerdir=$folder,upperdir=/run/node$folder/upper,workdir=/run/node$folder/work" "$folder"
done
# In case the state lies below one of them: the current folder still is the real one.
mkdir -p "$STATE"
mount -c --bind . "$STATE"
cd "$STATE"
bind() {
  mkdir -p "$1" "$2"
  mount --bind "$1" "$2"
}
bind "$STATE/data/containerd" /var/lib/containerd
bind "$STATE/data/kubelet" /var/lib/kubelet
bind "$STATE/data/etcd" /var/lib/etcd
bind "$STATE/logs/pods" /var/log/pods
# Volumes that containers mount must be seen by the kubelet and the other way round; the host is not part of it.
mount --make-rshared /

hostname "$NODE_NAME"
ip link set lo up
tries=0
until ip link show "$NODE_INTERFACE" >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] || { echo "no interface $NODE_INTERFACE after 60 s"; exit 1; }
  sleep 0.1
done
ip address add "$NODE_ADDRESS" dev "$NODE_INTERFACE"
ip link set "$NODE_INTERFACE" up
ip route add default via "$HOST_ADDRESS"
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null || true

supervise() {
  while :; do
    while [ -e "$STATE/paused/$1" ]; do sleep 0.2; done
    "$STATE/commands/$1" >>"$STATE/logs/$1.log" 2>&1 &
    echo "$!" >"$STATE/pids/$1"
    code=0
    wait "$!" || code=$?
    rm -f "$STATE/pids/$1"
    echo "--- $1 ended with $code; next start in a second" >>"$STATE/logs/$1.log"
    sleep 1
  done
}

rm -f "$STATE"/pids/*
for command in "$STATE"/commands/*; do
  supervise "${command##*/}" &
done
wait
