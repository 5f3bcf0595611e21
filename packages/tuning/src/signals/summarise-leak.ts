import type { SignalName, Signals } from './detect-signals.ts';

/** The short verdict of an observation. */
export interface LeakSummary {
  money_leak_risk: 'low' | 'medium' | 'high';
  top_symptoms: SignalName[];
  estimated_impact: 'unknown';
  recommendations: string[];
}

/** Symptoms from the most to the least telling, what each weighs, and what to do about it. */
const SYMPTOMS: readonly { name: SignalName; weight: number; advice: readonly string[] }[] = [
  {
    name: 'drift',
    weight: 2,
    advice: ['Look at the loss curve and the learning rate; consider more accumulation steps.'],
  },
  {
    name: 'straggler',
    weight: 2,
    advice: ['Find the slow worker: its input shard, its node, its neighbours.'],
  },
  {
    name: 'burst',
    weight: 1,
    advice: ['Compare the spikes with queue lengths; lower concurrency while they last.'],
  },
  {
    name: 'gpu_saturated',
    weight: 2,
    advice: [
      'Lower the microbatch while the GPU is full.',
      'Raise accumulation by the same factor to keep the global batch.',
    ],
  },
];

const MEDIUM_UP_TO = 2;

export const summariseLeak = (signals: Signals): LeakSummary => {
  const found = SYMPTOMS.filter(({ name }) => signals[name]);
  const weight = found.reduce((total, symptom) => total + symptom.weight, 0);
  return {
    money_leak_risk: weight === 0 ? 'low' : weight <= MEDIUM_UP_TO ? 'medium' : 'high',
    top_symptoms: found.map(({ name }) => name),
    estimated_impact: 'unknown',
    recommendations: found.flatMap(({ advice }) => advice),
  };
};
