import type { GuardianStatus } from '@holdfast/contracts';

/** What a guardian tells the process that forked it, when there is a channel: how its start went. */
export type GuardianNews =
  | { readonly type: 'started'; readonly url: string; readonly status: GuardianStatus }
  | { readonly type: 'refused'; readonly code: string; readonly message: string };

/** Resolves when the parent has the news, or there is no parent to tell. */
export const tellParent = (news: GuardianNews): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(news, undefined, undefined, () => resolve());
  });
