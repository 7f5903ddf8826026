//go:build tools

// Package fakegcsserver pins fake-gcs-server, which speaks the JSON API of Google Cloud Storage in tests.
package fakegcsserver

import _ "github.com/fsouza/fake-gcs-server"
