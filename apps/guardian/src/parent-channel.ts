import type { GuardianNews } from '@holdfast/contracts';

/** Resolves when the parent has the news, or there is no parent to tell. */
export const tellParent = (news: GuardianNews): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(news, undefined, undefined, () => resolve());
  });
