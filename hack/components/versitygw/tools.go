//go:build tools

// Package versitygw pins versitygw, the S3 server that tests store objects on.
package versitygw

import _ "github.com/versity/versitygw/cmd/versitygw"
