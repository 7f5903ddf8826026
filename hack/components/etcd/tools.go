//go:build tools

// Package etcd pins etcd, the store behind kube-apiserver.
package etcd

import _ "go.etcd.io/etcd/server/v3"
