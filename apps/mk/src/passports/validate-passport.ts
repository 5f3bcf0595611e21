const CHORDS: ReadonlySet<string> = new Set([
  'NORMAL-HOLD',
  'DRIFT-RETUNE',
  'BURST-ABSORB',
  'INPUT-STRAGGLER',
  'RECOVER',
  'RELOCK',
]);

const FIELDS: ReadonlySet<string> = new Set([
  'schema_version',
  'name',
  'description',
  'allowed_chords',
  'allowed_actuators',
  'limits',
  'invariants',
  'cooldowns',
  'gates',
]);

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTextList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string' && item.trim() !== '');

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);

const checkKnobLimits = (limits: unknown): string[] => {
  if (limits === undefined) return [];
  if (!isObject(limits)) return ['limits.knob_limits: expected an object'];
  return Object.entries(limits).flatMap(([knob, range]) => {
    const { min, max } = isObject(range) ? range : {};
    return isNumber(min) && isNumber(max) && min <= max
      ? []
      : [`limits.knob_limits.${knob}: expected numbers min <= max`];
  });
};

const checkLimits = (limits: unknown): string[] => {
  if (!isObject(limits)) return ['limits: expected an object'];
  const atLeast = (field: string, least: number, whole = false): string[] => {
    const value = limits[field];
    return isNumber(value) && value >= least && (!whole || Number.isInteger(value))
      ? []
      : [`limits.${field}: expected ${whole ? 'a whole number' : 'a number'}, at least ${least}`];
  };
  return [
    ...atLeast('cooldown_s', 0),
    ...atLeast('max_delta_per_step', 0),
    ...atLeast('relock_stable_intervals', 1, true),
    ...checkKnobLimits(limits['knob_limits']),
  ];
};

const checkChords = (chords: unknown): string[] => {
  if (!isTextList(chords)) return ['allowed_chords: expected a list of names'];
  return chords
    .filter((chord) => !CHORDS.has(chord))
    .map((chord) => `allowed_chords: ${chord} is not known`);
};

const checkActuators = (actuators: unknown): string[] => {
  const { hot, cold } = isObject(actuators) ? actuators : {};
  return isTextList(hot) && isTextList(cold)
    ? []
    : ['allowed_actuators: expected lists of names hot and cold'];
};

const checkCooldowns = (cooldowns: unknown): string[] => {
  if (cooldowns === undefined) return [];
  if (!isObject(cooldowns)) return ['cooldowns: expected an object'];
  return Object.entries(cooldowns)
    .filter(([, seconds]) => !isNumber(seconds) || seconds < 0)
    .map(([chord]) => `cooldowns.${chord}: expected seconds, at least 0`);
};

/** Everything that is wrong with a `passport.v0`; nothing when it holds. */
export const validatePassport = (value: unknown): string[] => {
  if (!isObject(value)) return ['expected an object'];
  const lists = ['invariants', 'gates'].filter(
    (field) => value[field] !== undefined && !isTextList(value[field]),
  );
  return [
    ...Object.keys(value)
      .filter((field) => !FIELDS.has(field))
      .map((field) => `${field}: is not known`),
    ...(value['schema_version'] === 'passport.v0' ? [] : ['schema_version: expected passport.v0']),
    ...(typeof value['name'] === 'string' && value['name'].trim() !== ''
      ? []
      : ['name: expected text']),
    ...(value['description'] === undefined || typeof value['description'] === 'string'
      ? []
      : ['description: expected text']),
    ...checkChords(value['allowed_chords']),
    ...checkActuators(value['allowed_actuators']),
    ...checkLimits(value['limits']),
    ...lists.map((field) => `${field}: expected a list of names`),
    ...checkCooldowns(value['cooldowns']),
  ];
};
