/** The forms in which a package's name appears. */
export interface Names {
  /** `rate-limiter` */
  readonly kebab: string;
  /** `rateLimiter` */
  readonly camel: string;
  /** `RateLimiter` */
  readonly pascal: string;
  /** `RATE_LIMITER` */
  readonly constant: string;
  /** `rate limiter` */
  readonly words: string;
}

/** Every form of a name that is given in kebab-case. */
export function namesOf(kebab: string): Names {
  const words = kebab.split('-');
  const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return {
    kebab,
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    pascal,
    constant: words.join('_').toUpperCase(),
    words: words.join(' '),
  };
}
