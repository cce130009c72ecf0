/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

import { listening } from './start';

/** A stand-in for OpenAI's chat models, as far as an agent needs it. */
export interface ScriptedModel {
	/** Data of a credential of type openAiApi. */
	credential: Record<string, unknown>;
	/** The tools offered by the agent. */
	tools: Array<{ name: string; description: string; parameters: unknown }>;
	close(): void;
}

interface Asked {
	messages: Array<{ role: string; content: unknown }>;
	tools?: Array<{ function: ScriptedModel['tools'][number] }>;
	stream?: boolean;
}

/**
 * Starts a model that calls the agent's first tool once and returns the tool's result.
 *
 * @param input arguments of the tool call
 */
export async function startModel(input: Record<string, unknown>): Promise<ScriptedModel> {
	const tools: ScriptedModel['tools'] = [];
	const server = createServer(async (request, response) => {
		const { messages, tools: offered = [], stream } = (await json(request)) as Asked;
		const tool = offered[0]?.function;
		if (tool) tools.push(tool);
		const returned = messages.findLast(({ role }) => role === 'tool');
		const call = { name: tool?.name, arguments: JSON.stringify(input) };
		const message = returned
			? { role: 'assistant', content: String(returned.content) }
			: {
					role: 'assistant',
					content: null,
					tool_calls: [{ index: 0, id: 'call-1', type: 'function', function: call }],
				};
		const choice = { index: 0, finish_reason: returned ? 'stop' : 'tool_calls' };
		const answer = { id: 'chat-1', created: 1, model: 'scripted' };
		if (stream) {
			const chunk = { ...answer, object: 'chat.completion.chunk' };
			response.setHeader('Content-Type', 'text/event-stream');
			const data = JSON.stringify({ ...chunk, choices: [{ ...choice, delta: message }] });
			return response.end(`data: ${data}\n\ndata: [DONE]\n\n`);
		}
		response.setHeader('Content-Type', 'application/json');
		const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
		const choices = [{ ...choice, message }];
		return response.end(JSON.stringify({ ...answer, object: 'chat.completion', choices, usage }));
	});
	const { url, close } = await listening(server);
	return { credential: { apiKey: 'scripted', url: `${url}/v1` }, tools, close };
}
