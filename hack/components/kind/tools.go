//go:build tools

// Package kind pins kind, which runs a cluster in Docker.
package kind

import _ "sigs.k8s.io/kind"
