/** A knob travels to its workload as the annotation of this prefix and its name; the value is decimal text. */
export const KNOB_ANNOTATION = 'modekeeper/knob.';

/** What `grad_accum_steps` x `microbatch_size` x replicas of a workload must be, where its owner says so. */
export const GLOBAL_BATCH_ANNOTATION = 'modekeeper/global_batch_size';

/** The integer that an annotation says, undefined for anything else. */
export const integerOf = (text: unknown): number | undefined => {
  if (typeof text !== 'string' || !/^\s*[+-]?\d{1,15}\s*$/.test(text)) return undefined;
  return Number(text);
};
