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
	type ProcessOptions,
	type RunningProcess,
} from './processes';

/** Where n8n keeps the files of its items. */
export type BinaryStorage = 'memory' | 'filesystem' | 'database';

/** A credential as n8n's command imports it, not encrypted. */
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

/** A node of a workflow; what else it has is n8n's. */
export interface WorkflowNode {
	name: string;
	type: string;
	credentials?: Record<string, { id: string; name: string }>;
	[field: string]: unknown;
}

/** An item as n8n writes it down. */
export interface RecordedItem {
	json: Record<string, unknown>;
	binary?: Record<string, { mimeType: string; data: string; id?: string; fileName?: string }>;
	pairedItem?: unknown;
	error?: unknown;
}

/** n8n's record of one execution, as far as it is looked at here. */
export interface ExecutionRecord {
	status: string;
	data: {
		/** What the link of a waiting execution is signed with. */
		resumeToken?: string;
		resultData: {
			error?: { message: string; description?: string | null; [field: string]: unknown };
			runData: Record<
				string,
				Array<{
					executionStatus?: string;
					hints?: Array<{ message: string }>;
					data?: { main?: Array<RecordedItem[] | null> };
				}>
			>;
			lastNodeExecuted?: string;
		};
	};
}

export interface HomeOptions {
	/** The user's folder, kept as it is; a temporary one by default. */
	path?: string;
	/** On top of what is set here; `undefined` takes one away. */
	env?: NodeJS.ProcessEnv;
	/** Ends whatever command runs; nothing more is started then. */
	signal?: AbortSignal;
}

/** One user's n8n: its folder with the database, this package installed in it, and its environment. */
export interface N8nHome {
	installation: N8nInstallation;
	/** The folder that holds `.n8n`, the logs and whatever else belongs to this user. */
	path: string;
	env: NodeJS.ProcessEnv;
	/** Adds credentials, or replaces those with the same ids. */
	importCredentials(credentials: ImportedCredential[]): Promise<void>;
	/** Adds workflows, or replaces those with the same ids; none is active then. */
	importWorkflows(workflows: ImportedWorkflow[]): Promise<void>;
	/** Makes an imported workflow active from the next start on. */
	publish(workflowId: string): Promise<void>;
	/**
	 * Runs a workflow from its manual trigger, with "n8n execute" (5 to 10 s).
	 *
	 * @param env for this once
	 * @returns the record, of a failed execution too
	 * @throws where n8n could not run it at all
	 */
	execute(workflowId: string, env?: NodeJS.ProcessEnv): Promise<ExecutionRecord>;
	/** Starts one of n8n's commands, such as `start`, `worker` or `import:workflow`. */
	start(args: string[], options: { logFile: string; env?: NodeJS.ProcessEnv }): RunningProcess;
	/** Removes a temporary folder; a named one stays. */
	remove(): Promise<void>;
}

/** The environment that makes n8n keep binaries so; without it n8n itself chooses. */
export function storedIn(storage: BinaryStorage): NodeJS.ProcessEnv {
	return { N8N_DEFAULT_BINARY_DATA_MODE: storage === 'memory' ? 'default' : storage };
}

/**
 * Makes a user's folder for n8n with this package installed as users have it. Nothing runs yet.
 *
 * @param installation see `installN8n`
 */
export async function makeHome(
	installation: N8nInstallation,
	{ path, env = {}, signal }: HomeOptions = {},
): Promise<N8nHome> {
	const folder = path ?? (await mkdtemp(join(tmpdir(), 'kairos-n8n-')));
	await mkdir(folder, { recursive: true });
	await placePackage(join(folder, '.n8n'));

	const environment = cleanEnvironment({
		...SETTINGS,
		N8N_USER_FOLDER: folder,
		// n8n starts its task runner as "node"
		PATH: [dirname(installation.node), process.env.PATH].join(delimiter),
		...env,
	});

	const commandLine = (
		args: string[],
		logFile: string,
		additions: NodeJS.ProcessEnv = {},
	): [string, string[], ProcessOptions] => [
		installation.node,
		[installation.command, ...args],
		{ logFile, cwd: folder, env: { ...environment, ...additions } },
	];
	let commands = 0;
	const run = async (args: string[], additions: NodeJS.ProcessEnv = {}) => {
		const logFile = join(folder, 'logs', `${++commands}-${args[0]?.replace(':', '-')}.log`);
		// next to an n8n that already runs, a command needs a port of its own for its task runner
		const port = { N8N_RUNNERS_BROKER_PORT: String(await freePort()) };
		const [command, all, options] = commandLine(args, logFile, { ...port, ...additions });
		const status = await runProcess(command, all, { ...options, signal });
		return { status, logFile, output: await readFile(logFile, 'utf8') };
	};
	const importFile = async (what: string, content: object[]) => {
		const input = join(folder, `import-${what}.json`);
		await writeFile(input, JSON.stringify(content));
		const { output, logFile } = await run([`import:${what}`, `--input=${input}`]).finally(
			async () => await rm(input),
		);
		// n8n ends with 0 whatever happened
		if (!output.includes(`Successfully imported ${content.length} `)) {
			throw new Error(`n8n did not import: ${await tailOf(logFile, 20)}`);
		}
	};
	return {
		installation,
		path: folder,
		env: environment,
		start: (args, { logFile, env: additions }) =>
			startProcess(...commandLine(args, logFile, additions)),
		importCredentials: async (credentials) => await importFile('credentials', credentials),
		async importWorkflows(workflows) {
			const complete = workflows.map((workflow) => ({ active: false, settings: {}, ...workflow }));
			await importFile('workflow', complete);
		},
		async publish(workflowId) {
			const { status, logFile } = await run(['publish:workflow', `--id=${workflowId}`]);
			if (status !== 0) throw new Error(`n8n did not publish: ${await tailOf(logFile, 20)}`);
		},
		async execute(workflowId, env) {
			const { output, logFile } = await run(['execute', `--id=${workflowId}`, '--rawOutput'], env);
			const record = recordIn(output);
			if (!record) throw new Error(`n8n did not execute: ${await tailOf(logFile, 30)}`);
			return record;
		},
		async remove() {
			if (path === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}

/**
 * The items that a node put out.
 *
 * @param output 0 for the first
 * @param run 0 for the first time that the node ran
 */
export function itemsOf(
	{ data }: ExecutionRecord,
	node: string,
	output = 0,
	run = 0,
): RecordedItem[] {
	return data.resultData.runData[node]?.[run]?.data?.main?.[output] ?? [];
}

/** Nothing is reported to anybody, nobody is asked anything, and only this machine can connect. */
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

/** The record that "n8n execute" prints among its log lines, indented, as the only object that is. */
function recordIn(output: string): ExecutionRecord | undefined {
	const lines = output.split('\n');
	const first = lines.indexOf('{');
	const last = lines.indexOf('}', first);
	if (first < 0 || last < 0) return undefined;
	return JSON.parse(lines.slice(first, last + 1).join('\n')) as ExecutionRecord;
}
