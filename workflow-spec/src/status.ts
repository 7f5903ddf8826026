/** Upstream's words for where something is, without the schemas of the API: for programs that have to start at once. */
export { isUpstreamEnd, upstreamTaskStatuses, upstreamWorkflowStatuses } from '@osmo/crds/upstream-status';
