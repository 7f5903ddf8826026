//go:build tools

// Package helm pins helm, which installs the chart.
package helm

import _ "helm.sh/helm/v3/cmd/helm"
