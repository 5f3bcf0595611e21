import { HoldfastError, type OpOutput, type guardianApi } from '@holdfast/contracts';
import type { GuardianApiHandlers } from '../healing/handlers/handler-types.ts';
import type { Rollout } from './rollout.ts';
import type { SettingsBook } from './settings-book.ts';
import type { SettingsNews } from './settings-news.ts';

export type ConfigHandlers = Pick<
  GuardianApiHandlers,
  'getActiveConfig' | 'checkConfig' | 'putConfig'
>;

type PutAnswer = OpOutput<(typeof guardianApi)['ops']['putConfig']>;

interface Parts {
  readonly book: SettingsBook;
  readonly rollout: Rollout;
  readonly news: SettingsNews;
}

/** Settings as governance reads, checks and changes them. */
export const createConfigHandlers = ({ book, rollout, news }: Parts): ConfigHandlers => {
  const progress = (): PutAnswer => {
    const { settled, replaced, failure } = rollout.state();
    if (failure !== undefined) throw new HoldfastError('reload_failed', { ...failure });
    return { active: book.active, settled, replaced: [...replaced] };
  };

  return {
    getActiveConfig: async () => ({
      active: book.active,
      effective: { ...book.profile },
      settled: rollout.state().settled,
    }),
    async checkConfig({ carry_over, ...wanted }) {
      const checked = await (carry_over ? book.checkCarriedOver(wanted) : book.check(wanted));
      const { revision, effective, overrides, dropped } = checked;
      return {
        revision,
        effective: { ...effective },
        overrides: { ...overrides },
        dropped: [...dropped],
      };
    },
    /** The caller may be among what is replaced: it is answered at once, and asks again how far it is. */
    async putConfig(wanted, { id: actor }) {
      if (await book.put(wanted)) {
        news.written(actor);
        void rollout.begin();
      }
      return progress();
    },
  };
};
