import { describe, expect, it } from 'vitest';
import { childEnv } from './child-env.ts';

const OURS = {
  PATH: '/usr/bin',
  HOME: '/root',
  https_proxy: 'http://proxy',
  pip_index_url: 'a',
  npm_config_registry: 'b',
  NPM_TOKEN: 'c',
  ADMIN_TOKEN: 'secret',
  HOLDFAST_DATABASE_URL: 'secret',
  AWS_SECRET_ACCESS_KEY: 'secret',
  NODE_OPTIONS: '--inspect',
  NODE_CHANNEL_FD: '3',
};

describe('childEnv', () => {
  it('gives a kernel the ground it stands on and nothing else', () => {
    expect(childEnv('governance', OURS, '/cache')).toEqual({
      PATH: '/usr/bin',
      HOME: '/root',
      https_proxy: 'http://proxy',
      NODE_COMPILE_CACHE: '/cache',
      TOKIO_WORKER_THREADS: '1',
    });
  });

  it("gives the agent the package managers' own settings as well", () => {
    const env = childEnv('agent', OURS, '/cache');
    expect(env).toMatchObject({ pip_index_url: 'a', npm_config_registry: 'b', NPM_TOKEN: 'c' });
    expect(Object.values(env)).not.toContain('secret');
  });
});
