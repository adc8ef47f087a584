// For users.
export { compose } from './compose.ts';
export type { AnyPolicy, Pipeline } from './compose.ts';
export { noop } from './noop.ts';
export { definePolicy } from './define-policy.ts';
export type { PolicyFunction } from './define-policy.ts';
export type {
  AcceptsOf,
  AlternativeOf,
  EventsOf,
  ExecuteOptions,
  ExecutionContext,
  Operation,
  Policy,
  PolicyDescription,
  PolicyTypes,
} from './policy.ts';
export type { Failure, Outcome, Success } from './outcome.ts';
export { guarded, guardMethod } from './guarded.ts';
export type { AnswersAlso, AsyncMethod, GuardedDecorator } from './guarded.ts';
export { keyed } from './keyed/keyed.ts';
export type { Keyed } from './keyed/keyed.ts';
export type { KeyedOptions } from './keyed/options.ts';
export type {
  CrowdedEvent,
  ForgottenEvent,
  KeyedEvents,
  KeyedOwnEvents,
  WithKey,
} from './keyed/events.ts';
export { contextKey } from './context-key.ts';
export type { ContextEntry, ContextKey } from './context-key.ts';
export { lint } from './lint.ts';
export type { LintFinding, LintSeverity } from './lint.ts';
export { retryBudget } from './retry-budget.ts';
export type { MeasuredRetryBudget, RetryBudget, RetryBudgetOptions } from './retry-budget.ts';
export { concurrentRetryBudget } from './concurrent-retry-budget.ts';
export type { ConcurrentRetryBudgetOptions } from './concurrent-retry-budget.ts';
export {
  isPolicyError,
  isRejectedError,
  isTimeoutError,
  PolicyError,
  RejectedError,
  TimeoutError,
} from './errors.ts';
export type { PolicyErrorOptions, RejectedErrorOptions, TimeoutErrorOptions } from './errors.ts';
export { isNetworkError } from './network-error.ts';
export type { EventListener, EventOwner, EventSource, PolicyEvent, Unsubscribe } from './events.ts';
export { systemClock } from './clock.ts';
export type { Clock, ClockTimer } from './clock.ts';

// For authors of policies.
export { LayeredPolicy } from './layered-policy.ts';
export { admitted, expanded, held, parked, pass, refused, replaced, taken } from './layer.ts';
export type { EnterVerdict, ExitVerdict, Layer, LayerDescription } from './layer.ts';
export { Expansion } from './engine/expansion.ts';
export { Refusal } from './refusal.ts';
export type { Run } from './run.ts';
export type { Plan } from './engine/plan.ts';
export { defineTopics, runGuarded } from './events.ts';
export type { EventDetails, Topic } from './events.ts';
export { deadlineHeap } from './deadline-heap.ts';
export type { DeadlineHeap, HeapedDeadline } from './deadline-heap.ts';
export { DeadlineQueue } from './deadline-queue.ts';
export type { QueuedDeadline } from './deadline-queue.ts';
export { awaitTurnEnd, recentTime } from './clock.ts';
export type { TurnEndTask } from './turn.ts';
export { bothBudgets } from './both-budgets.ts';
export { discard } from './discard.ts';
export type { DiscardOptions, Dispose } from './discard.ts';
export { hasBrand, withoutStack } from './errors.ts';
export { keepShape } from './keep-shape.ts';
export {
  commonOptions,
  count,
  invalidOption,
  knownOptions,
  milliseconds,
  numberBetween,
  oneOf,
  optionalFunction,
  positiveCount,
  positiveInteger,
  positiveMilliseconds,
  ratio,
} from './options.ts';
