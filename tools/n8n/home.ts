/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import type { N8nInstallation } from './install';
import { placePackage } from './package';
import { freePort, HOST } from './ports';
import {
	cleanEnvironment,
	runProcess,
	startProcess,
	tailOf,
	type RunningProcess,
} from './processes';

/** Where n8n stores the items' files. */
export type BinaryStorage = 'memory' | 'filesystem' | 'database';

/** A credential as n8n's command imports it, unencrypted. */
export interface ImportedCredential {
	id: string;
	name: string;
	type: string;
	data: Record<string, unknown>;
}

/** A workflow as n8n's editor exports it, with an id. */
export interface ImportedWorkflow {
	id: string;
	name: string;
	nodes: WorkflowNode[];
	connections: Record<string, unknown>;
	settings?: Record<string, unknown>;
	[field: string]: unknown;
}

/** A workflow's node; its other fields are n8n's. */
export interface WorkflowNode {
	name: string;
	type: string;
	credentials?: Record<string, { id: string; name: string }>;
	[field: string]: unknown;
}

/** An item as n8n records it. */
export interface RecordedItem {
	json: Record<string, unknown>;
	binary?: Record<string, { mimeType: string; data: string; id?: string; fileName?: string }>;
	pairedItem?: unknown;
	error?: unknown;
}

interface RecordedRun {
	executionStatus?: string;
	hints?: Array<{ message: string }>;
	data?: { main?: Array<RecordedItem[] | null> };
}

/** n8n's record of one execution, limited to the fields used here. */
export interface ExecutionRecord {
	status: string;
	data: {
		/** Signs the link of a waiting execution. */
		resumeToken?: string;
		resultData: {
			error?: { message: string; description?: string | null; [field: string]: unknown };
			runData: Record<string, RecordedRun[]>;
			lastNodeExecuted?: string;
		};
	};
}

export interface HomeOptions {
	/** The user's folder, which is kept; a temporary one by default. */
	path?: string;
	/** Added to the variables set here; `undefined` removes one. */
	env?: NodeJS.ProcessEnv;
	/** Leaves this package out. */
	withoutPackage?: boolean;
}

/** One user's n8n: a folder with the database and this package installed, and its environment. */
export type N8nHome = Awaited<ReturnType<typeof makeHome>>;

/** The environment that makes n8n store binaries this way; without it n8n chooses. */
export function storedIn(storage: BinaryStorage): NodeJS.ProcessEnv {
	return { N8N_DEFAULT_BINARY_DATA_MODE: storage === 'memory' ? 'default' : storage };
}

/** Creates a user's folder for n8n, with this package installed as users have it. Nothing runs yet. */
export async function makeHome(
	installation: N8nInstallation,
	{ path, env: additions, withoutPackage = false }: HomeOptions = {},
) {
	const folder = path ?? (await mkdtemp(join(tmpdir(), 'kairos-n8n-')));
	await mkdir(folder, { recursive: true });
	if (!withoutPackage) await placePackage(join(folder, '.n8n'));
	const env = cleanEnvironment({
		...SETTINGS,
		N8N_USER_FOLDER: folder,
		// n8n starts its task runner as "node"
		PATH: [dirname(installation.node), process.env.PATH].join(delimiter),
		...additions,
	});
	const commandOf = (args: string[]) => [installation.command, ...args];

	let commands = 0;
	const run = async (args: string[], more: NodeJS.ProcessEnv = {}) => {
		const logFile = join(folder, 'logs', `${++commands}-${args[0]?.replace(':', '-')}.log`);
		// if another n8n is running, a command needs its own port for its task runner
		const port = { N8N_RUNNERS_BROKER_PORT: String(await freePort()) };
		const options = { logFile, cwd: folder, env: { ...env, ...port, ...more } };
		const status = await runProcess(installation.node, commandOf(args), options);
		const fail = async () => {
			throw new Error(`n8n ${args[0]} failed: ${await tailOf(logFile, 30)}`);
		};
		return { status, output: await readFile(logFile, 'utf8'), fail };
	};
	const importAll = async (what: string, content: object[]) => {
		const input = join(folder, `import-${what}.json`);
		await writeFile(input, JSON.stringify(content));
		const { output, fail } = await run([`import:${what}`, `--input=${input}`]);
		await rm(input);
		// n8n exits with 0 whatever happens
		if (!output.includes(`Successfully imported ${content.length} `)) await fail();
	};
	return {
		installation,
		/** The folder that contains `.n8n`, the logs and everything else of this user. */
		path: folder,
		env,
		/** Adds credentials, or replaces those with the same ids. */
		async importCredentials(credentials: ImportedCredential[]): Promise<void> {
			await importAll('credentials', credentials);
		},
		/** Adds workflows, or replaces those with the same ids; none of them is active after that. */
		async importWorkflows(workflows: ImportedWorkflow[]): Promise<void> {
			const complete = workflows.map((workflow) => ({ active: false, settings: {}, ...workflow }));
			await importAll('workflow', complete);
		},
		/** Makes an imported workflow active from the next start on. */
		async publish(workflowId: string): Promise<void> {
			const { status, fail } = await run(['publish:workflow', `--id=${workflowId}`]);
			if (status !== 0) await fail();
		},
		/**
		 * Runs a workflow from its manual trigger, with "n8n execute" (5 to 10 s).
		 *
		 * @returns the record, also of a failed execution
		 * @throws if n8n could not run it at all
		 */
		async execute(workflowId: string, more?: NodeJS.ProcessEnv): Promise<ExecutionRecord> {
			const { output, fail } = await run(['execute', `--id=${workflowId}`, '--rawOutput'], more);
			return recordIn(output) ?? (await fail());
		},
		/** Starts one of n8n's commands, such as `start` or `worker`. */
		start(command: string, logFile: string, more: NodeJS.ProcessEnv): RunningProcess {
			const options = { logFile, cwd: folder, env: { ...env, ...more } };
			return startProcess(installation.node, commandOf([command]), options);
		},
		/** Removes a temporary folder; a named one is kept. */
		async remove(): Promise<void> {
			if (path === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}

/** The items that a node returned on one of its outputs, in one of its runs. */
export function itemsOf(
	{ data }: ExecutionRecord,
	node: string,
	output = 0,
	run = 0,
): RecordedItem[] {
	return data.resultData.runData[node]?.[run]?.data?.main?.[output] ?? [];
}

/** No reports to anyone, no questions, and only this machine can connect. */
const SETTINGS: NodeJS.ProcessEnv = {
	N8N_LISTEN_ADDRESS: HOST,
	N8N_HOST: HOST,
	N8N_SECURE_COOKIE: 'false',
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	EXTERNAL_FRONTEND_HOOKS_URLS: '',
	N8N_LOG_LEVEL: 'info',
	NO_COLOR: '1',
};

/** The record that "n8n execute" prints among its log lines: the only indented object. */
function recordIn(output: string): ExecutionRecord | undefined {
	const lines = output.split('\n');
	const first = lines.indexOf('{');
	const last = lines.indexOf('}', first);
	if (first < 0 || last < 0) return undefined;
	return JSON.parse(lines.slice(first, last + 1).join('\n')) as ExecutionRecord;
}
