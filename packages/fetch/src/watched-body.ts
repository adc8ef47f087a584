import { type Clock, deadlineHeap, type HeapedDeadline } from '@holdfast/policy';

/** Until when, and for whom, a response's body is read. */
export interface BodyLimits {
  readonly clock: Clock;
  /** The moment at which the body is cut off, in milliseconds of the clock. */
  readonly deadline: number | undefined;
  /** Makes the error for that moment. */
  readonly timeoutError: () => Error;
  /** The caller's signal. */
  readonly signal: AbortSignal | undefined;
}

/**
 * So much of a body is read ahead: a small one ends by itself, and frees the places that it holds,
 * although nobody reads it.
 */
const readAheadBytes = 16_384;

const abandoned = new FinalizationRegistry<WatchedBody>((body) => {
  body.discard();
});

/**
 * Hands on the chunks of a response's body, and knows when it has ended: read to the end, cancelled,
 * failed, cut off by the deadline or the caller's abort, or forgotten by everybody.
 */
export class WatchedBody implements HeapedDeadline {
  due = 0;
  place = -1;
  /** Settles when the body has ended, however it did. */
  readonly ended: Promise<void>;
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private readonly limits: BodyLimits;
  /** Weak, since a timer and the caller's signal hold this object: the stream may be forgotten. */
  private controller: WeakRef<ReadableStreamDefaultController<Uint8Array>> | undefined;
  private end: () => void = () => {};
  private isOver = false;

  constructor(source: ReadableStream<Uint8Array>, limits: BodyLimits) {
    this.reader = source.getReader();
    this.limits = limits;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    limits.signal?.addEventListener('abort', this);
    if (limits.deadline !== undefined) deadlineHeap(limits.clock).add(this, limits.deadline);
  }

  /** Makes the stream to read; this object does not keep it, so that it can be forgotten. */
  open(): ReadableStream<Uint8Array> {
    const stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.controller = new WeakRef(controller);
        },
        pull: (controller) => this.pull(controller),
        cancel: (reason) => {
          this.finish();
          return this.reader.cancel(reason);
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: readAheadBytes }),
    );
    if (!this.isOver) abandoned.register(stream, this, this);
    return stream;
  }

  /** The deadline has come. */
  expire(): void {
    this.cut(this.limits.timeoutError());
  }

  /** The caller's signal was aborted. */
  handleEvent(): void {
    this.cut(this.limits.signal?.reason);
  }

  /** Nobody wants the body. */
  discard(): void {
    this.cut(new TypeError('The body of this response was discarded.'));
  }

  private async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      const { done, value } = await this.reader.read();
      if (this.isOver) return;
      if (!done) {
        controller.enqueue(value);
        return;
      }
      this.finish();
      controller.close();
    } catch (error) {
      if (this.isOver) return;
      this.finish();
      controller.error(error);
    }
  }

  private cut(reason: unknown): void {
    if (this.isOver) return;
    this.finish();
    this.controller?.deref()?.error(reason);
    this.reader.cancel(reason).catch(() => {});
  }

  private finish(): void {
    this.isOver = true;
    abandoned.unregister(this);
    this.limits.signal?.removeEventListener('abort', this);
    if (this.place !== -1) deadlineHeap(this.limits.clock).remove(this);
    this.end();
  }
}
