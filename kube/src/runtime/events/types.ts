import type { ObjectReference } from '../../client/kinds/meta.ts';

export interface EventMetrics {
  sent(verb: 'create' | 'patch'): void;
  /**
   * 'overload': queue full; 'spam': too many about one object; 'sampled': too many of type Normal; 'refused': the apiserver
   * said no; 'unreachable'.
   */
  dropped(reason: 'overload' | 'spam' | 'sampled' | 'refused' | 'unreachable'): void;
}

/** Something that has happened to an object. */
export interface EventInput {
  type: 'Normal' | 'Warning';
  reason: string;
  action: string;
  note: string;
  regarding: ObjectReference;
  related?: ObjectReference | undefined;
  /** Told only while others have plenty of room: it may take half of what there may be about an object, and of what is routine. */
  givesWay?: boolean | undefined;
}

/** Takes events and returns at once; what can't be sent is dropped and counted, never waited for. */
export interface EventRecorder {
  record(event: EventInput): void;
}
