import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import type { PolicyEvent } from '@holdfast/policy';
import type { CaseDefinition } from './contract-case.ts';
import { nextTurn } from './probe.ts';
import type { PolicyContractOptions, Subject } from './subject.ts';

type Provocations = NonNullable<PolicyContractOptions['events']>;
type Listener = (event: PolicyEvent) => unknown;

interface Listening {
  on(event: string, listener: Listener): () => void;
}

/** 7. Events reach listeners and the channel, and no listener changes an outcome. */
export function eventCases(name: string, make: Provocations[string]): readonly CaseDefinition[] {
  const provoke = async ({ clock, random }: Subject, listener?: Listener): Promise<unknown> => {
    const { policy, provoke: run } = await make({ clock, random });
    if (listener !== undefined) (policy as unknown as Listening).on(name, listener);
    return shown(run());
  };
  return [
    {
      name: `tells "${name}" to a listener and on its channel`,
      async check(subject) {
        const heard: PolicyEvent[] = [];
        await provoke(subject, (event) => heard.push(event));
        const [first] = heard;
        assert.ok(first !== undefined, `"${name}" was not told`);
        assert.equal(first.event, name);
        assert.equal(typeof first.policy, 'string');
        const published: unknown[] = [];
        const collect = (message: unknown): number => published.push(message);
        const topic = channel(`holdfast:${first.kind}:${name}`);
        topic.subscribe(collect);
        await provoke(subject);
        topic.unsubscribe(collect);
        assert.equal(published.length, heard.length);
      },
    },
    {
      name: `comes to the same outcome when a listener of "${name}" throws or rejects`,
      async check(subject) {
        const expected = await provoke(subject);
        const bad: readonly Listener[] = [
          () => {
            throw new Error('a bad listener');
          },
          () => Promise.reject(new Error('a bad async listener')),
        ];
        for (const listener of bad) {
          const warnings = await warningsDuring(async () => {
            assert.deepEqual(await provoke(subject, listener), expected);
          });
          assert.ok(warnings.length > 0, 'the error of the listener was not reported');
        }
      },
    },
  ];
}

async function shown(result: Promise<unknown>): Promise<unknown> {
  try {
    return { value: await result };
  } catch (error) {
    return { error };
  }
}

/** The warnings of Holdfast that the process would emit meanwhile; they are not printed. */
async function warningsDuring(action: () => Promise<void>): Promise<string[]> {
  const warnings: string[] = [];
  // oxlint-disable-next-line typescript/unbound-method -- it is put back as it was
  const original: unknown = process.emitWarning;
  const emitWarning = original as (...args: unknown[]) => void;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    const [options] = rest;
    const type =
      typeof options === 'object' && options !== null && 'type' in options && options.type;
    if (type === 'HoldfastWarning') warnings.push(String(warning));
    else Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    await action();
    await nextTurn();
  } finally {
    process.emitWarning = original as typeof process.emitWarning;
  }
  return warnings;
}
