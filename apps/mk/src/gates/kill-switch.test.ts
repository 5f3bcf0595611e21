import { describe, expect, it } from 'vitest';
import { readKillSwitch } from './kill-switch.ts';

describe('the kill switch', () => {
  it.each([undefined, '', ' ', '0', 'false', 'FALSE', 'no', 'off', ' Off '])(
    'is off for %j',
    (value) => {
      expect(readKillSwitch({ MODEKEEPER_KILL_SWITCH: value })).toEqual({
        on: false,
        signal: null,
      });
    },
  );

  it.each(['1', 'true', 'yes', 'on', '00', '-1', 'disabled', 'nope'])('is on for %j', (value) => {
    expect(readKillSwitch({ MODEKEEPER_KILL_SWITCH: value })).toEqual({
      on: true,
      signal: 'env:MODEKEEPER_KILL_SWITCH',
    });
  });
});
