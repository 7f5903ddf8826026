//go:build tools

// Package minio pins MinIO, a second S3 server that tests can store objects on.
package minio

import _ "github.com/minio/minio"
