import { defineTopics, type PolicyEvent, type Topic } from '@holdfast/policy';

/** How an adaptive throttle stands. */
interface ThrottleReading {
  /** How many calls the window has, those that were rejected among them. */
  readonly requests: number;
  /** How many of them were accepted. */
  readonly accepts: number;
  /** With what probability it rejects a call. */
  readonly probability: number;
}

/** A call was rejected. */
export interface ThrottledEvent extends PolicyEvent, ThrottleReading {
  /** Always `'throttled'`. */
  readonly event: 'throttled';
}

/** It has come to reject calls, after a time in which it let all go. */
export interface ThrottlingStartedEvent extends PolicyEvent, ThrottleReading {
  /** Always `'throttling-started'`. */
  readonly event: 'throttling-started';
}

/** It lets all calls go again. */
export interface ThrottlingEndedEvent extends PolicyEvent, ThrottleReading {
  /** Always `'throttling-ended'`. */
  readonly event: 'throttling-ended';
}

/** The events of an adaptive throttle, by name. */
export interface AdaptiveThrottleEvents {
  /** See {@link ThrottledEvent}. */
  readonly throttled: ThrottledEvent;
  /** See {@link ThrottlingStartedEvent}. */
  readonly 'throttling-started': ThrottlingStartedEvent;
  /** See {@link ThrottlingEndedEvent}. */
  readonly 'throttling-ended': ThrottlingEndedEvent;
}

export const throttleTopics: Readonly<Record<keyof AdaptiveThrottleEvents, Topic>> = defineTopics(
  'adaptive-throttle',
  ['throttled', 'throttling-started', 'throttling-ended'],
);
