import type { Layer } from './layer.ts';

/** How bad a finding is: `error` defeats the pipeline, `warning` harms it, `info` is a choice. */
export type LintSeverity = 'error' | 'warning' | 'info';

/** What is said against one layer that stands outside another. */
export interface LintRule {
  readonly rule: string;
  readonly severity: LintSeverity;
  readonly applies: (outer: Layer, inner: Layer) => boolean;
  readonly message: (outer: Layer, inner: Layer) => string;
}

const isKind = (layer: Layer, ...kinds: string[]): boolean => kinds.includes(layer.kind);
const titleOf = (layer: Layer): string => {
  const title = `${layer.kind.replaceAll('-', ' ')} "${layer.name}"`;
  return isKind(layer, 'chaos') ? title : `the ${title}`;
};

/** The constant time of a layer in milliseconds; NaN where there is none, which compares as false. */
function timeOf(layer: Layer): number {
  const afterMs = layer.describeLayer().options['afterMs'];
  return typeof afterMs === 'number' ? afterMs : Number.NaN;
}

function isNotShorter(outer: Layer, inner: Layer): boolean {
  return isKind(outer, 'timeout') && isKind(inner, 'timeout') && timeOf(inner) >= timeOf(outer);
}

function hedgesTooLate(outer: Layer, inner: Layer): boolean {
  if (!isKind(outer, 'timeout') || !isKind(inner, 'hedge')) return false;
  const afterMs = timeOf(inner);
  // Infinity is a wish: then only a failure starts a further attempt.
  return afterMs >= timeOf(outer) && afterMs !== Number.POSITIVE_INFINITY;
}

/** One instance that stands twice. */
function twice(kind: string, severity: LintSeverity, name: string, why: string): LintRule {
  return {
    rule: `${name}-twice`,
    severity,
    applies: (outer, inner) => outer === inner && isKind(outer, kind),
    message: (outer) => `${titleOf(outer)} stands here twice: ${why}; take one out`,
  };
}

interface Order {
  readonly rule: string;
  readonly severity: LintSeverity;
  readonly outer: readonly string[];
  readonly inner: readonly string[];
  /** Of which of the two the message speaks. */
  readonly subject: 'outer' | 'inner';
  /** What comes of it. */
  readonly why: string;
}

/** One kind of layer that stands outside another kind. */
function order({ rule, severity, outer, inner, subject, why }: Order): LintRule {
  return {
    rule,
    severity,
    applies: (outside, inside) => isKind(outside, ...outer) && isKind(inside, ...inner),
    message: (outside, inside) =>
      subject === 'outer'
        ? `${titleOf(outside)} is outside ${titleOf(inside)}${why}`
        : `${titleOf(inside)} is inside ${titleOf(outside)}${why}`,
  };
}

/** Everything that chaos is there to try out. */
const tried = [
  'adaptive-throttle',
  'bulkhead',
  'cache',
  'circuit-breaker',
  'coalesce',
  'fallback',
  'hedge',
  'keyed',
  'rate-limiter',
  'retry',
  'timeout',
];

/** Every rule, the worst first. */
export const lintRules: readonly LintRule[] = [
  {
    rule: 'inner-timeout-not-shorter',
    severity: 'error',
    applies: isNotShorter,
    message: (outer, inner) =>
      `the inner timeout "${inner.name}" (${timeOf(inner)} ms) can never strike before the outer "${outer.name}" (${timeOf(outer)} ms); make it shorter or take it out`,
  },
  twice(
    'bulkhead',
    'error',
    'bulkhead',
    'each call needs two of its places, and under load all wait for each other',
  ),
  twice(
    'circuit-breaker',
    'error',
    'breaker',
    'once it has opened, each call needs two of its probes, and one alone can never close it',
  ),
  twice('rate-limiter', 'warning', 'rate-limiter', 'each call counts as two'),
  {
    rule: 'hedge-after-timeout',
    severity: 'warning',
    applies: hedgesTooLate,
    message: (outer, inner) =>
      `${titleOf(inner)} starts a further attempt after ${timeOf(inner)} ms, when the outer timeout "${outer.name}" (${timeOf(outer)} ms) has struck; make its delay shorter`,
  },
  order({
    rule: 'bulkhead-outside-retry',
    severity: 'warning',
    outer: ['bulkhead'],
    inner: ['retry'],
    subject: 'outer',
    why: ', so that a place is held during each back-off; put it inside',
  }),
  order({
    rule: 'bulkhead-outside-hedge',
    severity: 'warning',
    outer: ['bulkhead'],
    inner: ['hedge'],
    subject: 'outer',
    why: ', so that more attempts run than it has places; put it inside',
  }),
  order({
    rule: 'rate-limiter-outside-retry',
    severity: 'warning',
    outer: ['rate-limiter'],
    inner: ['retry'],
    subject: 'outer',
    why: ', so that further attempts are not counted; put it inside',
  }),
  order({
    rule: 'rate-limiter-outside-hedge',
    severity: 'warning',
    outer: ['rate-limiter'],
    inner: ['hedge'],
    subject: 'outer',
    why: ', so that further attempts are not counted; put it inside',
  }),
  order({
    rule: 'throttle-outside-retry',
    severity: 'warning',
    outer: ['adaptive-throttle'],
    inner: ['retry'],
    subject: 'outer',
    why: ', so that further attempts are neither counted nor held back; put it inside',
  }),
  order({
    rule: 'hedge-outside-retry',
    severity: 'warning',
    outer: ['hedge'],
    inner: ['retry'],
    subject: 'outer',
    why: ', so that each of its attempts is retried, and a back-off passes for a slow answer; put it inside',
  }),
  order({
    rule: 'fallback-inside',
    severity: 'warning',
    outer: ['adaptive-throttle', 'cache', 'circuit-breaker', 'hedge', 'retry'],
    inner: ['fallback'],
    subject: 'inner',
    why: ', and hides every failure from it; put it outside',
  }),
  order({
    rule: 'cache-inside',
    severity: 'warning',
    outer: ['circuit-breaker', 'hedge', 'retry'],
    inner: ['cache', 'coalesce'],
    subject: 'inner',
    why: ', and answers it from memory, or with what others wait for; put it outside',
  }),
  order({
    rule: 'chaos-not-innermost',
    severity: 'warning',
    outer: ['chaos'],
    inner: tried,
    subject: 'inner',
    why: ', and never meets its trouble; put chaos innermost',
  }),
  order({
    rule: 'breaker-outside-retry',
    severity: 'info',
    outer: ['circuit-breaker'],
    inner: ['retry'],
    subject: 'outer',
    why: ': it counts calls, not attempts, and opens later',
  }),
  order({
    rule: 'breaker-outside-hedge',
    severity: 'info',
    outer: ['circuit-breaker'],
    inner: ['hedge'],
    subject: 'outer',
    why: ': it counts calls, and does not see the attempts that fail or hang beside a good one',
  }),
];
