import { resolve } from 'node:path';
import {
  HoldfastError,
  inventorySchema,
  type AgentTask,
  type Environment,
  type Inventory,
  type PackageDriver,
  type PackageManager,
  type ReadContext,
  type TaskResult,
} from '@holdfast/contracts';
import { failedResult, failureOf } from './task-failure.ts';

export type ReadTask = Exclude<AgentTask, { type: 'apply_step' }>;
type Answer = Omit<TaskResult, 'task_id' | 'ok' | 'error'>;
type Drivers = readonly PackageDriver[];

const SYSTEM = 'system';

const driverOf = (drivers: Drivers, manager: string): PackageDriver => {
  const driver = drivers.find((one) => one.id === manager);
  if (driver) return driver;
  const detail = 'this agent has no such driver';
  throw new HoldfastError('driver_unavailable', { driver: manager, detail });
};

const probe = async (drivers: Drivers, asked: string, context: ReadContext): Promise<Answer> => {
  const path = resolve(asked);
  const looked = await Promise.all(
    drivers.map(async (driver) => ({ id: driver.id, found: await driver.probe(path, context) })),
  );
  const known = looked.flatMap(({ id, found }) => (found ? [{ id, ...found }] : []));
  const isolated = known.filter((one) => one.isolated);
  const interpreter = isolated.find((one) => one.interpreter !== undefined)?.interpreter;
  const detail = known.map((one) => `${one.id}: ${one.detail}`).join('; ');
  return {
    probe: {
      path,
      isolated: isolated.length > 0,
      managers: isolated.map(({ id }) => id),
      ...(interpreter !== undefined && { interpreter }),
      detail: detail || 'no package manager of this agent is at home there',
    },
  };
};

const unread = (
  manager: PackageManager,
  environment: string,
  status: 'failed' | 'absent',
  reason: string,
): Inventory => ({
  manager,
  environment,
  packages: {},
  coverage: { status, reason: reason.slice(0, 2000), scanned: [] },
  scanned_at: new Date().toISOString(),
});

const inventory = async (
  drivers: Drivers,
  manager: PackageManager,
  place: Environment | typeof SYSTEM,
  context: ReadContext,
): Promise<Inventory> => {
  const name = place === SYSTEM ? SYSTEM : place.path;
  const driver = drivers.find((one) => one.id === manager);
  if (!driver?.capabilities.inventory || (place === SYSTEM && !driver.capabilities.system))
    return unread(manager, name, 'absent', 'this agent has no driver for it');
  try {
    const read = inventorySchema.safeParse(await driver.inventory(place, context));
    if (read.success) return read.data;
    const issue = read.error.issues[0];
    return unread(manager, name, 'failed', `${issue?.path.join('.')}: ${issue?.message}`);
  } catch (error) {
    return unread(manager, name, 'failed', failureOf(error).detail);
  }
};

const scan = async (
  drivers: Drivers,
  task: Extract<ReadTask, { type: 'scan' }>,
  context: ReadContext,
): Promise<Answer> => {
  const managers =
    task.managers ?? drivers.filter((one) => one.capabilities.system).map(({ id }) => id);
  const inventories = await Promise.all([
    ...managers.map((manager) => inventory(drivers, manager, SYSTEM, context)),
    ...task.environments.flatMap((environment) =>
      environment.managers.map((manager) => inventory(drivers, manager, environment, context)),
    ),
  ]);
  return { inventories };
};

const answer = async (drivers: Drivers, task: ReadTask, context: ReadContext): Promise<Answer> => {
  switch (task.type) {
    case 'probe_environment':
      return probe(drivers, task.path, context);
    case 'scan':
      return scan(drivers, task, context);
    case 'resolve': {
      const { manager, environment, requirements, options } = task;
      const driver = driverOf(drivers, manager);
      const request = { environment, requirements, options };
      return { resolve: { operations: await driver.resolve(request, context) } };
    }
    case 'verify_step': {
      const { ok, detail } = await driverOf(drivers, task.action.driver).verify(
        task.action,
        context,
      );
      const status = ok ? 'succeeded' : 'failed';
      return { step: { status, detail: detail.slice(0, 4000) } };
    }
  }
};

/** Carries out a task that changes nothing. Every failure is in the result. */
export const carryOutRead = async (
  drivers: Drivers,
  taskId: string,
  task: ReadTask,
  context: ReadContext = {},
): Promise<TaskResult> => {
  try {
    return { task_id: taskId, ok: true, ...(await answer(drivers, task, context)) };
  } catch (error) {
    return failedResult(taskId, error);
  }
};
