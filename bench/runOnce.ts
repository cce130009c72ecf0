/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { cleanEnvironment } from '../tools/n8n/processes';
import type { Contender, OnError } from './contenders';
import { HTTP_REQUEST, HTTP_REQUEST_VERSION, httpParameters, READING } from './contenders';
import type { PicturePair, PictureSize } from './pictures';
import type { Cell } from './matrix';
import { startScript } from './processes';
import type { Measurement, Task } from './run';
import type { Service } from './service';
import type { Stage } from './stage';

/** What all runs share. */
export interface Ground {
	stage: Stage;
	service: Service;
	pictures: Record<PictureSize, PicturePair>;
}

/**
 * Lets a contender run a cell once, in a fresh process.
 *
 * @param profileTo a file that takes the profile of its processor time
 */
export async function runOnce(
	{ stage, service, pictures }: Ground,
	cell: Cell,
	contender: Contender,
	profileTo?: string,
): Promise<Measurement> {
	const { latency, takes = null, namesWait = false } = cell;
	await service.behave({ latency, takes, namesWait });
	const onError: OnError = takes === null ? 'stopWorkflow' : 'continueRegularOutput';
	return await runTask(stage, {
		request: requestOf(contender, service, latency),
		onError,
		items: cell.items,
		pictures: pictures[cell.size],
		storage: cell.storage,
		profileTo,
	});
}

function requestOf(contender: Contender, service: Service, latency: number): Task['request'] {
	if (contender.node === 'http') {
		return {
			nodeType: HTTP_REQUEST,
			nodeSettings: { typeVersion: HTTP_REQUEST_VERSION },
			credential: null,
			parameters: httpParameters(contender, service, latency),
		};
	}
	if (contender.node === 'reading') return { nodeType: READING, credential: null };
	const { url, keys } = service;
	return {
		credential: { ...keys, baseUrl: url, headerNames: 'underscore' },
		parameters: { options: { maxConcurrent: contender.maxConcurrent } },
	};
}

async function runTask(stage: Stage, task: Task): Promise<Measurement> {
	const child = startScript(stage.script, [], {
		execPath: stage.node,
		execArgv: ['--expose-gc'],
		cwd: stage.folder,
		env: cleanEnvironment(),
	});
	child.send(task);
	return await new Promise((resolve, reject) => {
		let measurement: Measurement | undefined;
		child.once('message', (message) => {
			measurement = message as Measurement;
		});
		child.once('error', reject);
		child.once('exit', (status) => {
			if (measurement) resolve(measurement);
			else reject(new Error(`A run ended with status ${status} and no measurement.`));
		});
	});
}
