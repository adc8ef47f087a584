import { noop, type Policy } from '@holdfast/policy';

/** A policy with no layers that runs operations in the way it is told. */
export function executing(execute: Policy['execute']): Policy {
  return Object.assign(Object.create(noop) as Policy, { name: 'executing', execute });
}
