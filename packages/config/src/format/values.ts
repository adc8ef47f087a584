import * as v from 'valibot';

/** A schema whose type does not matter to whoever puts it together with others. */
export type Schema = v.GenericSchema;

function positive(expected: string): Schema {
  return v.pipe(v.number(expected), v.gtValue(0, expected));
}

function fromZero(expected: string): Schema {
  return v.pipe(v.number(expected), v.minValue(0, expected));
}

function integerFrom(least: number, expected: string): Schema {
  return v.pipe(v.number(expected), v.safeInteger(expected), v.minValue(least, expected));
}

/** Data has no infinite numbers: this name stands for them. */
function orInfinity(schema: Schema, expected: string): Schema {
  return v.union([schema, v.literal('Infinity')], expected);
}

export const milliseconds: Schema = fromZero('a number of milliseconds from 0 up');
export const positiveMilliseconds: Schema = positive('a number of milliseconds above 0');
export const millisecondsOrInfinity: Schema = orInfinity(
  milliseconds,
  'a number of milliseconds from 0 up, or "Infinity"',
);
export const positiveMillisecondsOrInfinity: Schema = orInfinity(
  positiveMilliseconds,
  'a number of milliseconds above 0, or "Infinity"',
);
export const positiveInteger: Schema = integerFrom(1, 'an integer from 1 up');
export const count: Schema = orInfinity(
  integerFrom(0, 'an integer from 0 up'),
  'an integer from 0 up, or "Infinity"',
);
export const positiveCount: Schema = orInfinity(
  positiveInteger,
  'an integer from 1 up, or "Infinity"',
);
export const safeInteger: Schema = v.pipe(
  v.number('a safe integer'),
  v.safeInteger('a safe integer'),
);
export const positiveNumber: Schema = positive('a number above 0');
export const ratio: Schema = (() => {
  const expected = 'a number above 0 and at most 1';
  return v.pipe(v.number(expected), v.gtValue(0, expected), v.maxValue(1, expected));
})();
export const flag: Schema = v.boolean('true or false');
export const text: Schema = v.string('a string');
/** Anything that JSON can say. */
export const anyValue: Schema = v.unknown();

/** A number within bounds that belong to it. */
export function numberFrom(least: number, most: number): Schema {
  const expected = `a number from ${least} to ${most}`;
  return v.pipe(v.number(expected), v.minValue(least, expected), v.maxValue(most, expected));
}

/** One of some strings. */
export function oneOf(...allowed: readonly string[]): Schema {
  return v.picklist(allowed, `one of ${allowed.map((each) => JSON.stringify(each)).join(', ')}`);
}

/** The name of a function, or of something else that the options of `policiesFrom` give. */
export const named: Schema = (() => {
  const expected = 'the name of a function';
  return v.pipe(v.string(expected), v.nonEmpty(expected));
})();

/** A value, or the name of the function that makes it for each call. */
export function orNamed(schema: Schema, expected: string): Schema {
  return v.union([schema, named], `${expected}, or the name of a function`);
}

/** A list of at least one. */
export function listOf(schema: Schema, expected: string): Schema {
  return v.pipe(v.array(schema, expected), v.nonEmpty(expected));
}
