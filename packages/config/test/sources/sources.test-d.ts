import type { ConfigListener, ConfigReading, ConfigSource } from '@holdfast/config';
import type { SourceListener, SourceReading, SourceUnderTest } from '@holdfast/testing';
import { expectTypeOf, test } from 'vitest';

test('the contract tests what the package declares', () => {
  expectTypeOf<SourceReading>().toEqualTypeOf<ConfigReading>();
  expectTypeOf<SourceListener>().toEqualTypeOf<ConfigListener>();
  expectTypeOf<SourceUnderTest>().toExtend<ConfigSource>();
  expectTypeOf<ConfigSource>().toExtend<SourceUnderTest>();
});
