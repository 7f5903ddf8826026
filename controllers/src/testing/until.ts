export { until } from '@osmo/kube/testing';
