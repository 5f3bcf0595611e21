import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildHoldfast } from '../programs.mjs';
import { oneProcess } from './launch.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const base = join(root, 'config', 'profiles', 'kernel.base.yaml');

/** The shipped numbers, with all of these kernels and nothing else. YAML takes JSON. */
const profile = (kernels) => ({
  name: 'user',
  inherits: 'base',
  description: 'profile of the supervision bench',
  kernels: Object.fromEntries(kernels.map((id) => [id, { enabled: true }])),
  agent: { local: false },
});

export const holdfast = {
  name: 'Holdfast',
  hint: 'it is this build',
  kills: 60,
  async find({ scratch }) {
    const dist = join(scratch, 'dist');
    const programs = await buildHoldfast(dist);
    return { version: `with ${programs.join(', ')}`, dist, programs };
  },
  /** Each kernel is a copy of the same program; `program` of a service is set to it. */
  prepare({ folder, services, offset, found }) {
    const dist = join(folder, 'dist');
    const profiles = join(folder, 'config', 'profiles');
    cpSync(found.dist, dist, { recursive: true });
    mkdirSync(profiles, { recursive: true });
    // Native modules stay outside of the bundles.
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const kernels = services.flatMap(({ id }) => id ?? []);
    for (const service of services) {
      service.program = join(dist, service.id ? `kernels/${service.id}.js` : 'gateway.js');
      if (service.id) cpSync(join(dist, 'kernels', 'service.js'), service.program);
    }
    writeFileSync(join(dist, 'build.json'), '{ "id": "bench" }\n');
    writeFileSync(join(dist, 'package.json'), '{ "type": "module" }\n');
    writeFileSync(join(dist, 'kernels', 'manifest.json'), JSON.stringify(kernels));
    cpSync(base, join(profiles, 'kernel.base.yaml'));
    writeFileSync(join(profiles, 'kernel.user.yaml'), JSON.stringify(profile(kernels)));
    const entry = found.programs.includes('keeper') ? 'keeper.js' : 'guardian.js';
    return oneProcess(folder, process.execPath, [join(dist, entry)], 'SIGTERM', {
      HOLDFAST_HOME: join(folder, 'home'),
      HOLDFAST_PORT_OFFSET: String(offset),
    });
  },
};
