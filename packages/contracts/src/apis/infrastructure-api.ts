import * as z from 'zod';
import { AGENT_PATH } from '../agent-protocol.ts';
import { defineApi, listOf, op, pageInput } from '../api.ts';
import { baselineSchema, manifestFilesSchema } from '../records/baseline.ts';
import { dependencySchema, driftSchema } from '../records/drift.ts';
import { OS_TYPES, hostFactsSchema, hostSchema } from '../records/host.ts';
import { inventorySchema } from '../records/inventory.ts';
import { changeDriverOps } from './change-driver-api.ts';

/** A scan asks several package managers, one after the other. */
const SCAN_MS = 180_000;

const hostId = z.object({ id: z.string().min(1).max(300) });

const enrolmentSchema = z.object({ token: z.string(), expires_at: z.iso.datetime() });

/** Hosts, agents, inventory, baselines and drift. `{id}` is a host id or alias (`local`). */
export const infrastructureApi = defineApi({
  kernel: 'infrastructure_manager',
  upgrades: [AGENT_PATH],
  ops: {
    listHosts: op({
      method: 'GET',
      path: '/api/infrastructure/hosts',
      summary: 'All hosts',
      input: z.object({ ...pageInput, status: z.string().max(20).optional() }),
      output: listOf(hostSchema),
      risk: 'read',
      role: 'viewer',
      errors: ['cursor_invalid'],
    }),
    getHost: op({
      method: 'GET',
      path: '/api/infrastructure/hosts/{id}',
      summary: 'One host with its facts and metrics',
      input: hostId,
      output: hostSchema,
      risk: 'read',
      role: 'viewer',
      errors: ['host_not_found'],
    }),
    registerHost: op({
      method: 'POST',
      path: '/api/infrastructure/hosts/register',
      summary: 'Registers a host and answers a single-use enrolment token for its agent',
      input: z.strictObject({
        hostname: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/),
        os_type: z.enum(OS_TYPES),
        os_version: z.string().max(200).default(''),
        architecture: z.string().max(50).default('unknown'),
        ip_address: z.string().max(64).optional(),
        capabilities: z
          .array(
            z.object({
              name: z.string().max(100),
              available: z.boolean(),
              metadata: z.record(z.string(), z.unknown()).default({}),
            }),
          )
          .max(100)
          .default([]),
      }),
      output: z.object({ host: hostSchema, enrolment: enrolmentSchema }),
      risk: 'change',
      role: 'admin',
      status: 201,
      idempotent: true,
      errors: ['host_exists', 'entitlement_missing', 'idempotency_mismatch'],
    }),
    createEnrolment: op({
      method: 'POST',
      path: '/api/infrastructure/enrolments',
      summary: 'A single-use token with which one agent may enrol (15 minutes)',
      input: z.strictObject({
        alias: z
          .string()
          .regex(/^[a-z][a-z0-9-]{0,62}$/)
          .optional(),
      }),
      output: enrolmentSchema,
      risk: 'change',
      role: 'admin',
      status: 201,
    }),
    enrolAgent: op({
      method: 'POST',
      path: '/api/infrastructure/agents/enrol',
      summary: 'Trades an enrolment token for a registered agent key (Ed25519, SPKI PEM)',
      input: z.strictObject({
        token: z.string().min(1).max(500),
        public_key: z.string().max(1000),
        version: z.string().max(50),
        facts: hostFactsSchema,
      }),
      output: z.object({ host: z.string() }),
      risk: 'change',
      role: 'anyone',
      status: 201,
      errors: [
        'enrolment_invalid',
        'enrolment_used',
        'enrolment_expired',
        'host_exists',
        'entitlement_missing',
      ],
    }),
    scanHost: op({
      method: 'POST',
      path: '/api/infrastructure/hosts/{id}/scan',
      summary: 'Scans the host now and answers the drift',
      input: hostId,
      output: driftSchema,
      answerMs: SCAN_MS,
      risk: 'read',
      role: 'operator',
      errors: ['host_not_found', 'agent_offline', 'agent_timeout'],
    }),
    setBaseline: op({
      method: 'PUT',
      path: '/api/infrastructure/hosts/{id}/baseline',
      summary:
        'Declares the desired packages from manifests, bound to isolated environments on the host',
      input: z.strictObject({
        id: z.string().min(1).max(300),
        files: manifestFilesSchema,
        environments: z.array(z.string().min(1).max(4096)).min(1).max(20),
        directory: z.string().max(4096).optional(),
      }),
      output: baselineSchema,
      answerMs: SCAN_MS,
      risk: 'change',
      role: 'operator',
      errors: [
        'host_not_found',
        'agent_offline',
        'agent_timeout',
        'baseline_empty',
        'manifest_invalid',
        'environment_not_isolated',
        'package_name_invalid',
      ],
      maxBodyBytes: 4 * 1024 * 1024,
    }),
    getBaseline: op({
      method: 'GET',
      path: '/api/infrastructure/hosts/{id}/baseline',
      summary: 'The declared packages of a host',
      input: hostId,
      output: baselineSchema,
      risk: 'read',
      role: 'viewer',
      errors: ['host_not_found', 'baseline_missing'],
    }),
    getDrift: op({
      method: 'GET',
      path: '/api/infrastructure/hosts/{id}/drift',
      summary: 'The drift of a host as of its last scan',
      input: hostId,
      output: driftSchema,
      risk: 'read',
      role: 'viewer',
      errors: ['host_not_found'],
    }),
    getInventory: op({
      method: 'GET',
      path: '/api/infrastructure/hosts/{id}/inventory',
      summary: 'The packages of a host as last scanned, with the coverage of each scan',
      input: hostId,
      output: z.object({ host: z.string(), inventories: z.array(inventorySchema) }),
      risk: 'read',
      role: 'viewer',
      errors: ['host_not_found'],
    }),
    listDependencies: op({
      method: 'GET',
      path: '/api/infrastructure/dependencies',
      summary: 'Declared packages with what is expected and what is there',
      input: z.object({
        ...pageInput,
        host: z.string().max(300).optional(),
        status: z.string().max(20).optional(),
      }),
      output: listOf(dependencySchema),
      risk: 'read',
      role: 'viewer',
      errors: ['cursor_invalid', 'host_not_found'],
    }),
    ...changeDriverOps,
  },
});
