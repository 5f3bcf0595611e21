/**
 * Calls back once the channel to the program that started this one has ended; never where there was none. It may have
 * ended while this program was still being loaded: the event is over then, and whoever only listened for it would wait
 * for ever.
 */
export const onDisconnect = (lost: () => void): void => {
  if (process.send === undefined) return;
  if (process.connected) process.once('disconnect', lost);
  else queueMicrotask(lost);
};
