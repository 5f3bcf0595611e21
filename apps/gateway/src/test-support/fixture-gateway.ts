import type { AddressInfo } from 'node:net';
import type {
  Api,
  GuardianQuestion,
  GuardianStatus,
  PortMap,
  Profile,
  TokenRecord,
} from '@holdfast/contracts';
import { createLogger } from '@holdfast/sdk';
import { createTokenRecord } from '@holdfast/sdk/process';
import type { TimeLimits } from '../forward/time-limits.ts';
import { createGateway } from '../gateway.ts';
import { fixtureProfile } from './fixture-profile.ts';
import { fixtureStatus } from './fixture-status.ts';

export const SECRET = 'secret-of-this-start';
export const OWNER_TOKEN = 'owner-token-7c1f0f2d';
export const OPERATOR_TOKEN = 'operator-token-99ab12';
export const VIEWER_TOKEN = 'viewer-token-5e2b77aa';

let records: Promise<TokenRecord[]> | undefined;
const tokenRecords = (): Promise<TokenRecord[]> =>
  (records ??= Promise.all([
    createTokenRecord(OWNER_TOKEN, { id: 'owner', role: 'owner' }),
    createTokenRecord(OPERATOR_TOKEN, { id: 'operator-1', role: 'operator' }),
    createTokenRecord(VIEWER_TOKEN, { id: 'viewer-1', role: 'viewer' }),
  ]));

export interface FixtureGateway {
  readonly port: number;
  /** The live port map: tests change it. */
  ports: PortMap;
  /** What the guardian answers; undefined: it never does. */
  status: GuardianStatus | undefined;
  readonly asked: GuardianQuestion[];
  /** Everything that was logged, as text. */
  readonly logged: string[];
  /** Calls a path with the owner's token unless headers say otherwise. */
  call(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

export interface FixtureGatewayOptions {
  readonly ports?: PortMap;
  readonly profile?: Profile;
  readonly limits?: Partial<TimeLimits>;
  readonly apis?: readonly Api[];
}

export const bearer = (token: string): { authorization: string } => ({
  authorization: `Bearer ${token}`,
});

/** The real gateway in this process, on a real socket, with a guardian that a test plays. */
export const startFixtureGateway = async (
  options: FixtureGatewayOptions = {},
): Promise<FixtureGateway> => {
  const logged: string[] = [];
  const asked: GuardianQuestion[] = [];
  const gateway = createGateway({
    profile: options.profile ?? fixtureProfile(),
    secret: SECRET,
    tokens: await tokenRecords(),
    ports: () => fixture.ports,
    ask: (question) => {
      asked.push(question);
      if (question === 'stop') return Promise.resolve({});
      return fixture.status ? Promise.resolve(fixture.status) : new Promise(() => {});
    },
    log: createLogger('gateway', 'info', (line) => logged.push(line)),
    apis: options.apis,
    limits: options.limits,
  });
  await new Promise<void>((resolve) => gateway.server.listen(0, '127.0.0.1', resolve));
  const { port } = gateway.server.address() as AddressInfo;
  const fixture: FixtureGateway = {
    port,
    ports: options.ports ?? {},
    status: fixtureStatus(),
    asked,
    logged,
    call: (path, init = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        ...init,
        headers: { ...bearer(OWNER_TOKEN), ...init.headers },
      }),
    stop: () => gateway.stop(),
  };
  return fixture;
};
