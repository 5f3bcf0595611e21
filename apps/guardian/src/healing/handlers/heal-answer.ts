import type { OpOutput, networkHealerApi } from '@holdfast/contracts';
import type { Healing } from '../healer.ts';

export type HealAnswer = OpOutput<typeof networkHealerApi.ops.heal>;

export const toHealAnswer = ({ record, port }: Healing): HealAnswer => ({
  success: record.success,
  component: record.component,
  port: port ?? null,
  healing_result: record.result,
  healed_at: record.healed_at,
  error: record.error,
});
