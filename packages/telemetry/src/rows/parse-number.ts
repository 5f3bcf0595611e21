const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const NOT_A_NUMBER = /^[+-]?(?:nan|inf|infinity)$/i;
const FIGURE_UNIT = /(?:%|mb|mib)$/i;

/** The number that a text is, blanks around it aside; NaN when it is none or not finite. */
export const numberOfText = (text: string): number => {
  const trimmed = text.trim();
  if (!DECIMAL.test(trimmed)) return Number.NaN;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : Number.NaN;
};

/** As `numberOfText`, with a unit `%`, `MB` or `MiB` allowed behind the number. */
export const figureOfText = (text: string): number =>
  numberOfText(text.trim().replace(FIGURE_UNIT, ''));

/** Whether a text is how programs write a figure that does not exist: NaN or an infinity. */
export const isNonFiniteText = (text: string): boolean => NOT_A_NUMBER.test(text.trim());
