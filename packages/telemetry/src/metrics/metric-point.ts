/** One value of one time series, whatever system it came from. */
export interface MetricPoint {
  metric: string;
  timestamp_ms: number;
  value: number;
  /** Labels or attributes of the series. */
  labels: Readonly<Record<string, string>>;
  /** Unit as the source states it (UCUM in OTLP), where it does. */
  unit?: string;
}
