/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { untilUp } from '../../tools/n8n/instance';
import { freePort, HOST } from '../../tools/n8n/ports';
import {
	cleanEnvironment,
	runProcess,
	startProcess,
	tailOf,
	type RunningProcess,
} from '../../tools/n8n/processes';
import { findProgram } from './machine';

/** A server that n8n needs in queue mode, with its own folder. */
export interface Service {
	/** Environment variables that point n8n to it. */
	env: NodeJS.ProcessEnv;
	stop(): Promise<void>;
}

const READY = /ready to accept connections/i;

/**
 * Starts Redis on a free port of 127.0.0.1.
 *
 * @throws SetupError if it is not installed or does not start
 */
export async function startRedis(): Promise<Service> {
	const redis = await findProgram('redis-server', 'redis-server');
	const folder = await mkdtemp(join(tmpdir(), 'kairos-redis-'));
	const port = String(await freePort());
	const process = startProcess(
		redis,
		['--port', port, '--bind', HOST, '--dir', folder, '--save', '', '--appendonly', 'no'],
		{ logFile: join(folder, 'redis.log'), env: cleanEnvironment(), cwd: folder },
	);
	const env = { QUEUE_BULL_REDIS_HOST: HOST, QUEUE_BULL_REDIS_PORT: port };
	return await whenUp('Redis', { process, folder, env });
}

/**
 * Starts PostgreSQL with an empty database on a free port of 127.0.0.1. It refuses to run as root; root runs it as
 * the user "postgres", which Debian's package creates and which needs access to the temporary folder.
 *
 * @throws SetupError if it is not installed
 */
export async function startPostgres(): Promise<Service> {
	const initdb = await findProgram('initdb', 'postgresql', await debianFolders());
	const folder = await mkdtemp(join(tmpdir(), 'kairos-postgres-'));
	const data = join(folder, 'data');
	const logFile = join(folder, 'postgres.log');
	const options = { logFile, env: cleanEnvironment(), cwd: folder };
	const isRoot = process.getuid?.() === 0;
	const asUser = (command: string, args: string[]): [string, string[]] =>
		isRoot ? ['runuser', ['-u', 'postgres', '--', command, ...args]] : [command, args];
	const mustRun = async (command: string, args: string[]) => {
		const status = await runProcess(command, args, options);
		if (status === 0) return;
		const end = await tailOf(logFile, 10);
		throw new Error(`"${[command, ...args].join(' ')}" ended with ${status}: ${end}`);
	};

	if (isRoot) await mustRun('chown', ['postgres', folder]);
	const kind = ['--username=n8n', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
	await mustRun(...asUser(initdb, ['-D', data, ...kind]));

	const port = String(await freePort());
	const settings = ['fsync=off', 'unix_socket_directories=', `listen_addresses=${HOST}`];
	const server = startProcess(
		...asUser(initdb.replace(/initdb$/, 'postgres'), [
			...['-D', data, '-p', port],
			...settings.flatMap((setting) => ['-c', setting]),
		]),
		options,
	);
	const env = {
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: HOST,
		DB_POSTGRESDB_PORT: port,
		DB_POSTGRESDB_DATABASE: 'postgres',
		DB_POSTGRESDB_USER: 'n8n',
		DB_POSTGRESDB_PASSWORD: '',
	};
	return await whenUp('PostgreSQL', { process: server, folder, env });
}

/** Debian's folders with PostgreSQL server programs, newest first. */
async function debianFolders(): Promise<string[]> {
	const home = '/usr/lib/postgresql';
	const versions = await readdir(home).catch(() => []);
	return versions.sort((a, b) => Number(b) - Number(a)).map((name) => join(home, name, 'bin'));
}

async function whenUp(
	name: string,
	{ process, folder, env }: { process: RunningProcess; folder: string; env: NodeJS.ProcessEnv },
): Promise<Service> {
	const stop = async () => {
		await process.stop();
		await rm(folder, { recursive: true, force: true, maxRetries: 5 });
	};
	await untilUp(process, { name, ready: READY, limit: 60_000 }).catch(async (error: Error) => {
		await stop();
		throw error;
	});
	return { env, stop };
}
