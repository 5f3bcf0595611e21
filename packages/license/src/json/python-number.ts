/** From this power of ten on, and below 10^-4, Python writes a float with an exponent. */
const FIRST_LARGE_EXPONENT = 16;
const LAST_SMALL_EXPONENT = -5;

/**
 * How `json.dumps` writes the number that `json.loads` read from this token. Integers stay exact at any size; what has a
 * fraction or an exponent is a float and gets the shortest digits that give the same double again (`float.__repr__`):
 * `1.0`, `1e-07`, `1e+16`, `-0.0`, `Infinity`.
 */
export const pythonNumber = (token: string): string => {
  if (/^-?\d+$/.test(token)) return token === '-0' ? '0' : token;
  return pythonFloat(Number(token));
};

const pythonFloat = (value: number): string => {
  if (!Number.isFinite(value)) return String(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  // Without a number of digits, toExponential gives as many as are needed, as Number::toString does.
  const [mantissa = '', power = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  return sign + placePoint(digits, Number(power));
};

/** `digits` d and `exponent` e stand for d[0].d[1]d[2]... x 10^e. */
const placePoint = (digits: string, exponent: number): string => {
  if (exponent >= FIRST_LARGE_EXPONENT || exponent <= LAST_SMALL_EXPONENT) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${whole}.${digits.slice(exponent + 1) || '0'}`;
};
