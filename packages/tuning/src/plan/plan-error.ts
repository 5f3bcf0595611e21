export type PlanErrorKind = 'invalid_shape' | 'invalid_item';

/** A plan document that is refused: the whole of it has no known form, or the item at `index` (from 0) is bad. */
export class PlanError extends Error {
  readonly kind: PlanErrorKind;
  readonly index: number | undefined;

  constructor(kind: PlanErrorKind, message: string, index?: number) {
    super(message);
    this.name = 'PlanError';
    this.kind = kind;
    this.index = index;
  }
}
