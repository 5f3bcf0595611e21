import type { HoldfastError } from '@holdfast/contracts';
import type { Logger } from '@holdfast/sdk';
import type { Exchange } from '../exchange.ts';

export interface AccessLog {
  /** At debug level; does nothing otherwise. */
  watch(exchange: Exchange): void;
  /** A refusal that is not the caller's fault. */
  failed(exchange: Exchange, error: HoldfastError): void;
}

/** The path without its query, which may hold what does not belong in a log. */
const fields = (exchange: Exchange): Record<string, unknown> => ({
  method: exchange.request.method,
  path: exchange.target.path,
  ms: Math.round(performance.now() - exchange.startedAt),
  traceparent: exchange.traceparent,
});

export const createAccessLog = (log: Logger): AccessLog => {
  const verbose = log.isLevelEnabled('debug');
  return {
    watch(exchange) {
      if (!verbose) return;
      const { response } = exchange;
      response.once('close', () =>
        log.debug({ ...fields(exchange), status: response.statusCode }, 'answered'),
      );
    },
    failed(exchange, error) {
      if (error.row.status < 500) return;
      const cause = error.cause instanceof Error ? error.cause.message : undefined;
      const detail = { code: error.code, detail: error.message, cause };
      log.warn({ ...fields(exchange), ...detail, status: error.row.status }, 'refused');
    },
  };
};
