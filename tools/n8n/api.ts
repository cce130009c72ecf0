/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { setTimeout as wait } from 'node:timers/promises';

/** The account that an instance is set up with. */
export interface Owner {
	email: string;
	password: string;
}

/**
 * The REST API of n8n's editor. It is not the public one, so its paths may change with any release.
 */
export class N8nApi {
	/** The session after signing in: the value of a Cookie header. */
	cookie = '';

	constructor(private readonly url: string) {}

	/**
	 * Sends one request under `/rest`.
	 *
	 * @returns the field `data` of n8n's answer
	 * @throws for any status but 2xx, with n8n's own words
	 */
	async send<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await fetch(`${this.url}/rest${path}`, {
			method,
			headers: {
				cookie: this.cookie,
				...(body !== undefined && { 'content-type': 'application/json' }),
			},
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const text = await response.text();
		if (!response.ok) {
			throw new Error(`${method} ${path} returned ${response.status}: ${text.slice(0, 500)}`);
		}
		const session = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
		if (session.length > 0) this.cookie = session.join('; ');
		return (JSON.parse(text) as { data: T }).data;
	}

	/** Sets up the owner's account of a new instance, which also signs in. */
	async setUpOwner({ email, password }: Owner): Promise<void> {
		const names = { firstName: 'Sandbox', lastName: 'Owner' };
		await this.send('POST', '/owner/setup', { email, password, ...names });
	}

	async signIn({ email, password }: Owner): Promise<void> {
		await this.send('POST', '/login', { emailOrLdapLoginId: email, password });
	}

	/** Whether there is no account yet. */
	async isNew(): Promise<boolean> {
		type Settings = { userManagement: { showSetupOnFirstLoad: boolean } };
		return (await this.send<Settings>('GET', '/settings')).userManagement.showSetupOnFirstLoad;
	}

	/** Signs the owner in; on a new instance, sets up the account first. */
	async enter(owner: Owner): Promise<void> {
		if (await this.isNew()) await this.setUpOwner(owner);
		else await this.signIn(owner);
	}

	/** Publishes a workflow, and waits until its webhooks and forms answer. */
	async publish(workflowId: string): Promise<void> {
		const path = `/workflows/${workflowId}`;
		const { versionId } = await this.send<{ versionId: string }>('GET', path);
		await this.send('POST', `${path}/activate`, { versionId });
		const deadline = Date.now() + 60_000;
		for (;;) {
			// older releases have no such status: they are done by now
			const older = { status: 'published' };
			const { status } = await this.send<typeof older>('GET', `${path}/publication-status`).catch(
				() => older,
			);
			if (status === 'published') return;
			if (Date.now() > deadline) throw new Error(`Publishing ${workflowId}: ${status}.`);
			await wait(100);
		}
	}

	/** Starts a workflow from a trigger, like the editor's button, and returns the execution's id. */
	async runWorkflow(workflowId: string, trigger: string): Promise<string> {
		const workflowData = await this.send('GET', `/workflows/${workflowId}`);
		const { executionId } = await this.send<{ executionId: string }>(
			'POST',
			`/workflows/${workflowId}/run`,
			// newer releases read the workflow from their database, older ones from here
			{ workflowData, triggerToStartFrom: { name: trigger } },
		);
		return executionId;
	}

	/** `new`, `running`, `success`, `error`, `canceled`, `crashed` or `waiting`. */
	async statusOf(executionId: string): Promise<string> {
		return (await this.send<{ status: string }>('GET', `/executions/${executionId}`)).status;
	}

	/** Waits until an execution has ended and returns its status. */
	async untilOver(executionId: string, limit = 60_000): Promise<string> {
		const deadline = Date.now() + limit;
		for (;;) {
			const status = await this.statusOf(executionId);
			if (status !== 'new' && status !== 'running') return status;
			if (Date.now() > deadline) throw new Error(`Still ${status} after ${limit} ms.`);
			await wait(200);
		}
	}

	async stopExecution(executionId: string): Promise<void> {
		await this.send('POST', `/executions/${executionId}/stop`);
	}
}
