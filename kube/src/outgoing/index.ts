export { DestinationError, Destinations } from './destinations.ts';
export { OutgoingError, type OutgoingReason, OutgoingReasons } from './errors.ts';
export { Outgoing, type OutgoingInit, type OutgoingOptions } from './outgoing.ts';
export { type OutgoingProxy, proxyFromEnvironment } from './proxy.ts';
