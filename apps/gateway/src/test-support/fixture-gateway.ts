import type { AddressInfo } from 'node:net';
import type {
  Api,
  GuardianStatus,
  PortMap,
  Principal,
  Profile,
  TokenRecord,
} from '@holdfast/contracts';
import { createLogger, type Activity } from '@holdfast/sdk';
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

/** One question to the guardian. */
export interface Asked {
  readonly op: string;
  readonly input: unknown;
  readonly principal: Principal;
}

export interface FixtureGateway {
  readonly port: number;
  /** The live port map: tests change it. */
  ports: PortMap;
  /** Tells the gateway that the port map changed. */
  announcePorts(): void;
  /** What the guardian says of itself; undefined: it never answers. */
  status: GuardianStatus | undefined;
  /** What the guardian answers to any other operation. */
  guardian: (question: Asked) => Promise<unknown>;
  readonly asked: Asked[];
  letGo(port: number): Promise<void>;
  activity(): Activity;
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
  readonly share?: number;
  /** Where to listen; 127.0.0.1 unless told. */
  readonly bind?: string;
}

export const bearer = (token: string): { authorization: string } => ({
  authorization: `Bearer ${token}`,
});

/** The real gateway in this process, on a real socket, with a guardian that a test plays. */
export const startFixtureGateway = async (
  options: FixtureGatewayOptions = {},
): Promise<FixtureGateway> => {
  const logged: string[] = [];
  const asked: Asked[] = [];
  const listeners: (() => void)[] = [];
  const gateway = createGateway({
    profile: options.profile ?? fixtureProfile(),
    secret: SECRET,
    tokens: await tokenRecords(),
    ports: () => fixture.ports,
    onPorts: (listener) => listeners.push(listener),
    ask: (op, input, principal) => {
      const question = { op, input, principal };
      asked.push(question);
      if (op !== 'getGuardianStatus') return fixture.guardian(question);
      return fixture.status ? Promise.resolve(fixture.status) : new Promise(() => {});
    },
    share: options.share,
    log: createLogger('gateway', 'info', (line) => logged.push(line)),
    apis: options.apis,
    limits: options.limits,
  });
  await new Promise<void>((resolve) =>
    gateway.server.listen(0, options.bind ?? '127.0.0.1', resolve),
  );
  const { port } = gateway.server.address() as AddressInfo;
  const fixture: FixtureGateway = {
    port,
    ports: options.ports ?? {},
    announcePorts() {
      for (const listener of listeners) listener();
    },
    status: fixtureStatus(),
    guardian: ({ op }) => Promise.resolve({ op }),
    letGo: gateway.letGo,
    activity: gateway.activity,
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
