import type { SampleSeries } from './sample-series.ts';

/** Where the samples of a window came from. A mixed pool makes their comparison weak: `unstable`. */
export interface Environment {
  nodes_seen: string[];
  gpu_models_seen: string[];
  unstable: boolean;
  notes: string[];
}

export const environmentOf = (series: SampleSeries): Environment => {
  const notes: string[] = [];
  if (series.nodes.length > 1) notes.push('multiple_nodes_seen');
  if (series.gpuModels.length > 1) notes.push('multiple_gpu_models_seen');
  return {
    nodes_seen: [...series.nodes],
    gpu_models_seen: [...series.gpuModels],
    unstable: notes.length > 0,
    notes,
  };
};
