/** A list of a report that is too long to be held: made anew, item by item, while it is written. */
export class LazyList {
  readonly items: () => Iterable<unknown>;

  constructor(items: () => Iterable<unknown>) {
    this.items = items;
  }
}

export const lazyList = (items: () => Iterable<unknown>): LazyList => new LazyList(items);
