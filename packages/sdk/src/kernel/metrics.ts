/** Counters of one kernel, written as Prometheus text (exposition format 0.0.4). */
export interface KernelMetrics {
  countRequest(op: string, status: number, ms: number): void;
  text(uptimeS: number, extra: readonly string[]): string;
}

interface About {
  readonly version: string;
  readonly build: string;
  readonly restarts: number;
}

export const createKernelMetrics = (kernel: string, about: About): KernelMetrics => {
  const requests = new Map<string, number>();
  let totalMs = 0;
  let total = 0;
  return {
    countRequest(op, status, ms) {
      const key = `kernel="${kernel}",op="${op}",status="${status}"`;
      requests.set(key, (requests.get(key) ?? 0) + 1);
      total += 1;
      totalMs += ms;
    },
    text(uptimeS, extra) {
      const label = `{kernel="${kernel}"}`;
      return [
        '# TYPE holdfast_uptime_seconds gauge',
        `holdfast_uptime_seconds${label} ${uptimeS.toFixed(3)}`,
        '# TYPE holdfast_build_info gauge',
        `holdfast_build_info{kernel="${kernel}",version="${about.version}",build="${about.build}"} 1`,
        '# TYPE holdfast_restarts_total counter',
        `holdfast_restarts_total${label} ${about.restarts}`,
        '# TYPE holdfast_requests_total counter',
        ...[...requests].map(([key, count]) => `holdfast_requests_total{${key}} ${count}`),
        '# TYPE holdfast_request_seconds summary',
        `holdfast_request_seconds_sum${label} ${(totalMs / 1000).toFixed(6)}`,
        `holdfast_request_seconds_count${label} ${total}`,
        '# TYPE holdfast_resident_memory_bytes gauge',
        `holdfast_resident_memory_bytes${label} ${process.memoryUsage.rss()}`,
        ...extra,
        '',
      ].join('\n');
    },
  };
};
