/** `value` to 6 decimals; one that lies exactly between two goes to the even one. */
export const round6 = (value: number): number => {
  const rounded = Number(value.toFixed(6));
  if (Math.abs(value) >= 2 ** 33) return rounded;
  // A binary fraction that ends on a 5 in the 7th decimal is short: 20 decimals write it out in full.
  const digits = Math.abs(value).toFixed(20);
  const tie = /\.\d{6}50{13}$/.test(digits);
  const kept = digits.slice(0, -14);
  return tie && Number(kept.at(-1)) % 2 === 0 ? Math.sign(value) * Number(kept) : rounded;
};
