/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { createServer, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { scripted, type ScriptedReply } from '../../sandbox/judges/scripted';
import { startSandbox, type Sandbox } from '../../sandbox/server';
import { readExample } from '../../tools/n8n/examples';
import { itemsOf, type ImportedWorkflow, type N8nHome } from '../../tools/n8n/home';
import type { Instance } from '../../tools/n8n/instance';
import { drawnPicture, numberedPicture } from '../fixtures/pictures';
import { rowsOf } from './dataTables';
import { recordOf } from './executions';
import { INSTALLING } from './limits';
import { executionsOf } from './reviews';
import { endAll, listening, preparedHome, startN8n, until, type LocalServer } from './start';
import { CREDENTIAL } from './workflows';

const TELEGRAM_TOKEN = '1001:telegram-token';
const BEARER = 'a-long-random-token';
/** Checks a day that the bot pays for here, instead of 50. */
const DAILY = 16;

/** A request received by a local service. */
interface Asked {
	path: string;
	body: Record<string, unknown>;
}

interface ChatMessage {
	role: string;
	content?: string;
}

describe('on n8n 2.41.1', () => {
	const asked: Asked[] = [];
	const pictures = new Map<string, Buffer>();
	/** The chat model's replies, by the number of tool results it has seen. */
	let agentSays: Array<{ tool: string } | { text: string }> = [];
	let reply: ScriptedReply = {};
	let sandbox: Sandbox;
	let services: LocalServer;
	let url: string;
	let home: N8nHome;
	let n8n: Instance;
	let people = 0;

	beforeAll(async () => {
		sandbox = await startSandbox({ judge: scripted(() => reply) });
		services = await listening(
			createServer((request, response) => {
				void answerOf(request).then(({ status, body }) => {
					const isPicture = Buffer.isBuffer(body);
					const type = isPicture ? 'image/jpeg' : 'application/json';
					response.writeHead(status, { 'content-type': type });
					response.end(isPicture ? body : JSON.stringify(body));
				});
			}),
		);
		({ url } = services);

		const credentials = Object.entries({
			telegramApi: { accessToken: TELEGRAM_TOKEN, baseUrl: url },
			openAiApi: { apiKey: 'a-key', url: `${url}/v1`, header: false },
			httpBearerAuth: { token: BEARER },
		}).map(([type, data]) => ({ id: type, name: type, type, data }));
		const read = async (name: string) =>
			withCredentials(await readExample(`${name}.json`, CREDENTIAL));
		const published = await Promise.all(['telegram', 'ai-agent', 'mcp-server'].map(read));
		const played = await Promise.all(['google-drive', 'thresholds'].map(read));
		home = await preparedHome(sandbox, [...published, ...played], { credentials });
		n8n = await startN8n(home, { published: published.map(({ id }) => id) });
	}, INSTALLING);
	afterAll(async () => await endAll(n8n, home, sandbox, services));
	afterEach(() => {
		reply = {};
	});

	/** Paths of two unique drawn pictures of a new person. */
	const person = async (): Promise<[string, string]> => {
		people += 1;
		const size = { width: 500, height: 666 };
		const paths: [string, string] = [`/photos/${people}-selfie.jpg`, `/photos/${people}-id.jpg`];
		pictures.set(paths[0], numberedPicture(await drawnPicture(people, size), 1));
		pictures.set(paths[1], numberedPicture(await drawnPicture(1000 + people, size), 2));
		return paths;
	};

	/** The parts of the Telegram and OpenAI APIs that n8n uses here, and the pictures. */
	async function answerOf(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
		const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const text = Buffer.concat(chunks).toString();
		const sent = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>;
		const body = { ...Object.fromEntries(searchParams), ...sent };
		const method = pathname.replace(`/bot${TELEGRAM_TOKEN}`, '').replace('/file/', '/');
		asked.push({ path: method, body });
		const picture = pictures.get(pathname.replace(`/file/bot${TELEGRAM_TOKEN}`, ''));
		if (picture) return { status: 200, body: picture };
		if (method === '/getFile') {
			const result = { file_id: body.file_id, file_path: String(body.file_id).slice(1) };
			return { status: 200, body: { ok: true, result } };
		}
		if (pathname === '/v1/chat/completions') {
			return { status: 200, body: completion((body.messages ?? []) as ChatMessage[]) };
		}
		if (pathname.startsWith('/bot')) {
			return { status: 200, body: { ok: true, result: { url: '', message_id: 1 } } };
		}
		return { status: 404, body: {} };
	}

	function completion(messages: ChatMessage[]): object {
		const seen = messages.filter(({ role }) => role === 'tool').length;
		const says = agentSays[seen] ?? { text: 'No reply is set.' };
		const call = {
			id: `call-${seen}`,
			type: 'function',
			function: {
				name: 'tool' in says ? says.tool : '',
				arguments: JSON.stringify({
					selfieUrl: `${url}/photos/${people}-selfie.jpg`,
					imageUrl: `${url}/photos/${people}-id.jpg`,
				}),
			},
		};
		const message =
			'tool' in says
				? { role: 'assistant', content: null, tool_calls: [call] }
				: { role: 'assistant', content: says.text };
		const finish_reason = 'tool' in says ? 'tool_calls' : 'stop';
		return {
			...{ id: 'c', object: 'chat.completion', created: 1, model: 'm' },
			choices: [{ index: 0, message, finish_reason }],
			usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
		};
	}

	describe('Telegram bot', () => {
		const LOG = 'Kairos Telegram checks';
		let newest = 5000;
		/** Sends a message like Telegram. */
		const post = async (chat: number, message: object, type = 'private') => {
			const body = asked.find(({ path }) => path === '/setWebhook')?.body ?? {};
			const number = asked.length;
			const response = await fetch(String(body.url), {
				method: 'POST',
				headers: {
					'content-type': 'application/json',
					'x-telegram-bot-api-secret-token': String(body.secret_token),
				},
				body: JSON.stringify({
					update_id: number,
					message: { message_id: number, date: 1, chat: { id: chat, type }, ...message },
				}),
			});
			expect(response.status).toBe(200);
		};
		const repliesTo = (chat: number) =>
			asked
				.filter(
					({ path, body }) => path === '/sendMessage' && String(body.chat_id) === String(chat),
				)
				.map(({ body }) => String(body.text));
		/** Sends a message and returns the bot's reply. */
		const send = async (chat: number, message: object) => {
			const before = repliesTo(chat).length;
			await post(chat, message);
			return await until(() => repliesTo(chat)[before], 'the bot did not reply');
		};
		const untilQuiet = async () => {
			const running = async () => await executionsOf(n8n, 'example-telegram', ['new', 'running']);
			for (let before = -1; before !== asked.length || (await running()).length > 0; ) {
				before = asked.length;
				await wait(2000);
			}
		};
		const photo = (path: string) => ({ photo: [{ file_id: '/small' }, { file_id: path }] });
		const agree = { text: 'I agree' };
		/** A new chat that has agreed and sent a selfie, and the photo that is still missing. */
		const begun = async (chat = (newest += 1)) => {
			const [selfie, image] = await person();
			expect(await send(chat, agree)).toContain('Please send a selfie');
			expect(await send(chat, photo(selfie))).toContain('a photo of your ID');
			return { chat, selfie, image };
		};

		test.each([
			[{ outcome: 'approved' } as const, 'Done.', 'approved'],
			[{ outcome: 'review' } as const, 'You will hear from us', 'review'],
			[{ outcome: 'rejected' } as const, 'Bright light', 'rejected'],
			[{ status: 500 }, 'in a few minutes', 'error'],
		])('%j: consent, selfie, ID, "%s"', async (answer, wanted, decision) => {
			reply = answer;
			expect(await send(newest + 1, { text: '/start' })).toContain('reply: I agree');
			const { chat, selfie, image } = await begun();
			const before = sandbox.calls.length;
			const said = await send(chat, photo(image));
			expect(said).toContain(wanted);
			expect(said).not.toMatch(/0\.\d/);
			expect(sandbox.calls).toHaveLength(before + 1);
			const sizes = sandbox.calls[before]?.parts.map((part) => part.size);
			expect(sizes).toEqual([selfie, image].map((path) => pictures.get(path)?.length));
			expect((await rowsOf(n8n, LOG)).at(-1)).toMatchObject({ chatId: String(chat), decision });
			// each check needs its own consent
			expect(await send(chat, photo(selfie))).toContain('reply: I agree');
		});

		test('photos without consent, and in a group: nothing is fetched, sent or saved', async () => {
			const [selfie, image] = await person();
			const [chat, before] = [(newest += 1), sandbox.calls.length];
			for (const path of [selfie, image]) {
				expect(await send(chat, photo(path))).toContain('reply: I agree');
			}
			const group = (newest += 1);
			for (const message of [agree, photo(selfie), photo(image)]) {
				await post(group, message, 'group');
			}
			await untilQuiet();
			expect(repliesTo(group)).toEqual([]);
			expect(
				asked.filter(({ path, body }) => path === '/getFile' && body.file_id === selfie),
			).toEqual([]);
			expect(sandbox.calls).toHaveLength(before);
		});

		test('the same photo twice, or a file that is not a picture: a message and no call', async () => {
			const before = sandbox.calls.length;
			const { chat, selfie } = await begun();
			expect(await send(chat, photo(selfie))).toContain('start again');
			const { image } = await begun(chat);
			pictures.set(image, Buffer.from('Dear Sir or Madam'));
			expect(await send(chat, photo(image))).toContain('start again');
			expect(sandbox.calls).toHaveLength(before);
		});

		test('10 photos at once, before and after the selfie: one call per consent, three per chat', async () => {
			const { chat } = await begun();
			const [photos, before] = [[] as string[], sandbox.calls.length];
			for (let index = 0; index < 10; index += 1) photos.push((await person())[1]);
			const atOnce = async () => {
				await Promise.all(photos.map(async (path) => await post(chat, photo(path))));
				await untilQuiet();
			};
			for (let round = 1; round <= 5; round += 1) {
				if (round === 2) await send(chat, agree);
				if (round > 2) await begun(chat);
				await atOnce();
				expect(sandbox.calls.length).toBeLessThanOrEqual(before + Math.min(round, 3));
			}
			expect(sandbox.calls).toHaveLength(before + 3);
			expect(repliesTo(chat).join()).toContain('No more checks');
		});

		test('with sample data: three results, then the limit', async () => {
			const before = [asked.length, sandbox.calls.length];
			const ends: string[] = [];
			for (let run = 0; run < 4; run += 1) {
				const { data } = await played('telegram', 'Message');
				ends.push(String(data.resultData.lastNodeExecuted));
			}
			const told = 'Tell the Result';
			expect(ends).toEqual([told, told, told, 'Say Why Not']);
			expect([asked.length, sandbox.calls.length]).toEqual(before);
		});

		test('10 chats at once: only as many calls as the limit of the day has left', async () => {
			const before = sandbox.calls.length;
			const left = DAILY - (await rowsOf(n8n, LOG)).length;
			expect(left).toBeLessThan(10);
			const chats: Array<{ chat: number; image: string }> = [];
			for (let index = 0; index < 10; index += 1) chats.push(await begun());
			await Promise.all(chats.map(async ({ chat, image }) => await send(chat, photo(image))));
			await untilQuiet();
			expect(sandbox.calls).toHaveLength(before + left);
			expect(await rowsOf(n8n, LOG)).toHaveLength(DAILY);
		});
	});

	describe('AI agent', () => {
		const chatAs = async (chatInput: string) => {
			const response = await fetch(`${n8n.url}/webhook/public-chat/chat`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ action: 'sendMessage', sessionId: 's', chatInput }),
			});
			expect(response.status).toBe(200);
			return (await response.json()) as { output: string };
		};

		test("claims an approval: the row has Kairos' decision and no approver", async () => {
			reply = { outcome: 'review' };
			await person();
			agentSays = [
				{ tool: 'Check_Pictures' },
				{ tool: 'Verify' },
				{ text: '=The customer is approved, with 0.9784.' },
			];
			const before = sandbox.calls.length;
			const { output } = await chatAs('Check these two.');
			expect(output).toBe("Kairos' decision: review. This is a proposal; a person decides.");
			expect(sandbox.calls).toHaveLength(before + 1);
			const rows = await rowsOf(n8n, 'Kairos proposals');
			expect(rows.at(-1)).toMatchObject({
				...{
					decision: 'review',
					approvedBy: '',
					agentSays: "'=The customer is approved, with 0.9784.",
				},
				requestId: expect.stringMatching(/./),
				pairSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
			});
		});

		test('claims a check that did not happen: no row, no call', async () => {
			agentSays = [{ text: 'I verified them: approved.' }];
			const before = (await rowsOf(n8n, 'Kairos proposals').catch(() => [])).length;
			const calls = sandbox.calls.length;
			expect((await chatAs('Check these two.')).output).toBe('I verified them: approved.');
			expect((await rowsOf(n8n, 'Kairos proposals')).length).toBe(before);
			expect(sandbox.calls).toHaveLength(calls);
		});
	});

	describe('MCP server', () => {
		let session = '';
		const ask = async (method: string, params: object = {}, token = BEARER) => {
			const response = await fetch(`${n8n.url}/mcp/kairos`, {
				method: 'POST',
				headers: {
					'content-type': 'application/json',
					accept: 'application/json, text/event-stream',
					authorization: `Bearer ${token}`,
					...(session && { 'mcp-session-id': session }),
				},
				body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
			});
			session = response.headers.get('mcp-session-id') ?? session;
			const text = await response.text();
			const data = /^data: (.*)$/m.exec(text)?.[1] ?? text;
			return { status: response.status, text: data };
		};

		test('a client finds two tools; Check_Pictures makes no call, Verify returns the decision', async () => {
			await person();
			const clientInfo = { name: 'test', version: '1' };
			const start = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo };
			expect((await ask('initialize', start)).text).toContain('Call Verify at most once');
			const { text } = await ask('tools/list');
			const { result } = JSON.parse(text) as {
				result: { tools: Array<{ name: string; inputSchema: { properties: object } }> };
			};
			expect(result.tools.map(({ name }) => name).sort()).toEqual(['Check_Pictures', 'Verify']);
			for (const { inputSchema } of result.tools) {
				expect(Object.keys(inputSchema.properties).sort()).toEqual(['imageUrl', 'selfieUrl']);
			}
			const before = sandbox.calls.length;
			const [selfieUrl, imageUrl] = (await person()).map((path) => `${url}${path}`);
			const both = { selfieUrl, imageUrl };
			const checked = await ask('tools/call', { name: 'Check_Pictures', arguments: both });
			expect(checked.text).toContain('usable');
			expect(sandbox.calls).toHaveLength(before);
			const verified = await ask('tools/call', { name: 'Verify', arguments: both });
			expect(verified.text).toContain('approved');
			expect(sandbox.calls).toHaveLength(before + 1);
		});

		test('rejects a wrong token', async () => {
			expect((await ask('tools/list', {}, 'guessed')).status).toBe(403);
		});
	});

	test('Google Drive with sample data: one row for the customer with both files, none in a second run', async () => {
		const before = sandbox.calls.length;
		const summaries: unknown[] = [];
		for (let run = 0; run < 2; run += 1) {
			const record = await played('google-drive', 'When clicking ‘Execute workflow’');
			expect(itemsOf(record, 'Pair Up').map(({ json }) => json)).toEqual([
				{ customer: 'A-1001', selfieId: 'sample-selfie', imageId: 'sample-id' },
			]);
			summaries.push(itemsOf(record, 'Summary')[0]?.json);
		}
		expect(summaries).toMatchObject([
			{ people: 1, checked: 1, decidedBefore: 0, review: 1 },
			{ people: 1, checked: 0, decidedBefore: 1, review: 0 },
		]);
		expect(await rowsOf(n8n, 'Kairos folder results')).toMatchObject([
			{ customer: 'A-1001', decision: 'review', reasons: 'FAILED_FACE_MATCH' },
		]);
		expect(sandbox.calls).toHaveLength(before);
	});

	test('thresholds with sample output: writes the report to a file and to the editor', async () => {
		const record = await played('thresholds', 'When clicking ‘Execute workflow’');
		const [item] = itemsOf(record, 'Report as File');
		expect(item?.binary?.data).toMatchObject({ fileName: 'thresholds.html' });
		expect(itemsOf(record, 'Report')[0]?.json.html).toContain('8 pairs of different people');
	});

	/** Runs an example on its sample output, like the editor's button. */
	async function played(name: string, trigger: string) {
		const id = await n8n.api.runWorkflow(`example-${name}`, trigger);
		await n8n.api.untilOver(id);
		const record = await recordOf(n8n.api, id);
		expect(record.data.resultData.error).toBeUndefined();
		return record;
	}

	/** Adds credentials by type, saves executions, opens the chat to the test and lowers the bot's limit. */
	function withCredentials(workflow: ImportedWorkflow): ImportedWorkflow {
		const typeOf = (type: string) => {
			if (/telegram/i.test(type)) return 'telegramApi';
			if (type.endsWith('lmChatOpenAi')) return 'openAiApi';
			if (type.endsWith('mcpTrigger')) return 'httpBearerAuth';
			return undefined;
		};
		const nodes = workflow.nodes.map((node) => {
			const type = typeOf(node.type);
			const chat = node.type.endsWith('chatTrigger') && {
				parameters: { ...(node.parameters as object), public: true },
				webhookId: 'public-chat',
			};
			return {
				...node,
				...(type && { credentials: { [type]: { id: type, name: type } } }),
				...chat,
			};
		});
		const limited = JSON.stringify(nodes).replace('"limit":50', `"limit":${DAILY}`);
		const settings = { executionOrder: 'v1' };
		return { ...workflow, nodes: JSON.parse(limited) as typeof nodes, settings };
	}
});
