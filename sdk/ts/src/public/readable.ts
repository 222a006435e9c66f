/**
 * A value that changes, in the shape that `useSyncExternalStore(value.subscribe, value.get)` wants.
 *
 * `get` answers with an immutable snapshot: the same object until something changed, a new one afterwards.
 * `subscribe` calls back after each change, never during the call itself and at most once for changes that come
 * together; it returns the function that ends the subscription. Both may be passed on without their object.
 */
export interface Readable<T> {
  readonly get: () => T;
  readonly subscribe: (listener: () => void) => () => void;
}
