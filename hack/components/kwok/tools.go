//go:build tools

// Package kwok pins kwok, which plays nodes and pods in scale tests.
package kwok

import _ "sigs.k8s.io/kwok/cmd/kwok"
