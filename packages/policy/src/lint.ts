import type { AnyPolicy } from './compose.ts';
import type { Layer } from './layer.ts';

/** How bad a finding is: `error` defeats the pipeline, `warning` harms it, `info` is a choice. */
export type LintSeverity = 'error' | 'warning' | 'info';

/** An order of layers that defeats itself; see {@link lint}. */
export interface LintFinding {
  /** The rule, such as `'inner-timeout-not-shorter'`. */
  readonly rule: string;
  /** How bad it is. */
  readonly severity: LintSeverity;
  /** What is wrong, why, and what to do. */
  readonly message: string;
  /** The positions of the two layers, the outer one first. */
  readonly layers: readonly [outer: number, inner: number];
}

interface Rule {
  readonly rule: string;
  readonly severity: LintSeverity;
  readonly applies: (outer: Layer, inner: Layer) => boolean;
  readonly message: (outer: Layer, inner: Layer) => string;
}

const isKind = (layer: Layer, ...kinds: string[]): boolean => kinds.includes(layer.kind);
/** The constant duration of a timeout in milliseconds; NaN where there is none, which compares as false. */
const timeOf = (layer: Layer): number => {
  const afterMs = layer.describeLayer().options['afterMs'];
  return typeof afterMs === 'number' ? afterMs : Number.NaN;
};

function isNotShorter(outer: Layer, inner: Layer): boolean {
  return isKind(outer, 'timeout') && isKind(inner, 'timeout') && timeOf(inner) >= timeOf(outer);
}

const rules: readonly Rule[] = [
  {
    rule: 'inner-timeout-not-shorter',
    severity: 'error',
    applies: isNotShorter,
    message: (outer, inner) =>
      `the inner timeout "${inner.name}" (${timeOf(inner)} ms) can never strike before the outer "${outer.name}" (${timeOf(outer)} ms); make it shorter or take it out`,
  },
  {
    rule: 'bulkhead-twice',
    severity: 'error',
    applies: (outer, inner) => outer === inner && isKind(outer, 'bulkhead'),
    message: (outer) =>
      `the bulkhead "${outer.name}" stands here twice: each call needs two of its places, and under load all wait for each other; take one out`,
  },
  {
    rule: 'breaker-twice',
    severity: 'error',
    applies: (outer, inner) => outer === inner && isKind(outer, 'circuit-breaker'),
    message: (outer) =>
      `the circuit breaker "${outer.name}" stands here twice: once it has opened, each call needs two of its probes, and one alone can never close it; take one out`,
  },
  {
    rule: 'bulkhead-outside-retry',
    severity: 'warning',
    applies: (outer, inner) => isKind(outer, 'bulkhead') && isKind(inner, 'retry'),
    message: (outer, inner) =>
      `the bulkhead "${outer.name}" is outside the retry "${inner.name}", so that a place is held during each back-off; put it inside`,
  },
  {
    rule: 'fallback-inside',
    severity: 'warning',
    applies: (outer, inner) =>
      isKind(outer, 'retry', 'circuit-breaker') && isKind(inner, 'fallback'),
    message: (outer, inner) =>
      `the fallback "${inner.name}" is inside "${outer.name}" (${outer.kind}), which then sees no failure; put it outside`,
  },
  {
    rule: 'rate-limiter-outside-retry',
    severity: 'warning',
    applies: (outer, inner) => isKind(outer, 'rate-limiter') && isKind(inner, 'retry'),
    message: (outer, inner) =>
      `the rate limiter "${outer.name}" is outside the retry "${inner.name}", so that further attempts are not counted; put it inside`,
  },
  {
    rule: 'breaker-outside-retry',
    severity: 'info',
    applies: (outer, inner) => isKind(outer, 'circuit-breaker') && isKind(inner, 'retry'),
    message: (outer, inner) =>
      `the circuit breaker "${outer.name}" is outside the retry "${inner.name}": it counts calls, not attempts, and opens later`,
  },
];

/**
 * Looks for orders of layers that defeat themselves.
 *
 * @throws `TypeError` when it gets something else than a policy.
 *
 * @example
 * ```ts
 * const pipeline = compose(timeout({ afterMs: 1_000 }), retry(), timeout({ afterMs: 5_000 }));
 *
 * for (const finding of lint(pipeline)) console.warn(`${finding.severity}: ${finding.message}`);
 * ```
 */
export function lint(policy: AnyPolicy): readonly LintFinding[] {
  if (!Array.isArray(policy?.layers)) throw new TypeError('Expected lint to get a policy.');
  const findings: LintFinding[] = [];
  const { layers } = policy;
  layers.forEach((outer, i) => {
    for (let j = i + 1; j < layers.length; j++) {
      const inner = layers[j] as Layer;
      for (const { rule, severity, applies, message } of rules) {
        if (!applies(outer, inner)) continue;
        findings.push({ rule, severity, message: message(outer, inner), layers: [i, j] });
      }
    }
  });
  return findings;
}
