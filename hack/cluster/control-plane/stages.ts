/** A kwok Stage: when an object looks like `selector`, do `next` after `delay`. */
type Stage = Record<string, unknown>;

const now = '{{ $now := Now }}';

function stage(name: string, kind: 'Node' | 'Pod', spec: Record<string, unknown>): Stage {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: { resourceRef: { apiGroup: 'v1', kind }, ...spec },
  };
}

const has = (key: string, ...values: string[]): object => ({ key, operator: 'In', values });
const alive = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };

/** Nodes turn Ready and stay so; there are no heartbeats (see the controller-manager's grace period). */
export function nodeStages(): Stage[] {
  return [
    stage('node-initialize', 'Node', {
      selector: {
        matchExpressions: [
          { key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: 'NotIn', values: ['True'] },
        ],
      },
      next: {
        statusTemplate: `${now}
conditions:
{{ range NodeConditions }}
- lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
  message: {{ .message | Quote }}
  reason: {{ .reason | Quote }}
  status: {{ .status | Quote }}
  type: {{ .type | Quote }}
{{ end }}
addresses:
- address: {{ .metadata.name | Quote }}
  type: Hostname
nodeInfo:
  architecture: amd64
  bootID: ""
  containerRuntimeVersion: kwok
  kernelVersion: kwok
  kubeProxyVersion: kwok
  kubeletVersion: kwok
  machineID: ""
  operatingSystem: linux
  osImage: ""
  systemUUID: ""
phase: Running
`,
      },
    }),
  ];
}

/**
 * A bound pod runs after `startMs`, ends after `runMs` more, and vanishes when deleted. Pods of every owner end, unlike with
 * kwok's own fast stages, which complete pods of Jobs only. Annotations of a pod override: `kwok.osmo.dev/run-ms`,
 * `kwok.osmo.dev/exit-code`.
 */
export function podStages(startMs: number, runMs: number): Stage[] {
  return [
    stage('pod-run', 'Pod', {
      selector: { matchExpressions: [alive, has('.status.phase', 'Pending')] },
      ...(startMs > 0 && { delay: { durationMilliseconds: startMs } }),
      next: { statusTemplate: runningTemplate },
    }),
    stage('pod-end', 'Pod', {
      selector: { matchExpressions: [alive, has('.status.phase', 'Running')] },
      delay: {
        durationMilliseconds: runMs,
        durationFrom: { expressionFrom: '.metadata.annotations["kwok.osmo.dev/run-ms"] | select( . != null ) + "ms"' },
      },
      next: { statusTemplate: endedTemplate },
    }),
    stage('pod-delete', 'Pod', {
      selector: { matchExpressions: [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }] },
      next: { delete: true },
    }),
  ];
}

const condition = (type: string, status: string): string => `- lastTransitionTime: {{ $now | Quote }}
  status: "${status}"
  type: ${type}
`;

const finished = (name: string, code: string): string => `- image: {{ .image | Quote }}
  imageID: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: false
  restartCount: 0
  started: false
  state:
    terminated:
      exitCode: ${code}
      finishedAt: {{ $now | Quote }}
      reason: ${name}
      startedAt: {{ $now | Quote }}
`;

const running = `- image: {{ .image | Quote }}
  imageID: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: true
  restartCount: 0
  started: true
  state:
    running:
      startedAt: {{ $now | Quote }}
`;

const runningTemplate = `${now}
conditions:
${condition('Initialized', 'True')}${condition('Ready', 'True')}${condition('ContainersReady', 'True')}
containerStatuses:
{{ range .spec.containers }}
${running}
{{ end }}
{{ with .spec.initContainers }}
initContainerStatuses:
{{ range . }}
{{ if eq .restartPolicy "Always" }}
${running}
{{ else }}
${finished('Completed', '0')}
{{ end }}
{{ end }}
{{ end }}
hostIP: 10.0.0.1
podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}
phase: Running
startTime: {{ $now | Quote }}
`;

const endedTemplate = `${now}
{{ $annotations := or .metadata.annotations dict }}
{{ $code := or ( index $annotations "kwok.osmo.dev/exit-code" ) "0" }}
conditions:
${condition('Initialized', 'True')}${condition('Ready', 'False')}${condition('ContainersReady', 'False')}
containerStatuses:
{{ range .spec.containers }}
${finished('{{ if eq $code "0" }}Completed{{ else }}Error{{ end }}', '{{ $code }}')}
{{ end }}
{{ with .spec.initContainers }}
initContainerStatuses:
{{ range . }}
${finished('Completed', '0')}
{{ end }}
{{ end }}
phase: {{ if eq $code "0" }}Succeeded{{ else }}Failed{{ end }}
`;
