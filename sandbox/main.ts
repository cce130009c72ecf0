/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { parseArgs } from 'node:util';
import { outcomeOf, type Answer, type Outcome } from './answer';
import type { RecordedCall } from './calls';
import { facesJudge } from './judges/faces';
import type { Judge } from './judges/judge';
import { scripted } from './judges/scripted';
import { DEFAULT_KEYS, startSandbox } from './server';

const HELP = `A local sandbox in place of Kairos, for development. It is not Kairos.

npm run sandbox -- [flags]

  --port <number>         8473 by default; 0 picks a free one
  --judge faces|scripted  faces (the default) checks the pictures with real face models;
                          scripted answers as the flags below say
  --app-id, --app-key     the keys to accept, ${DEFAULT_KEYS.appId} and ${DEFAULT_KEYS.appKey} by default
  --limit <number>        calls in progress before a 429, 64 by default
  --usage-limit <number>  calls before every further one gets a 403; unlimited by default
  --help

Only with --judge scripted:
  --outcome approved|review|rejected   approved by default
  --latency <ms>                       before each answer, 0 by default
  --status <number>                    this status instead, such as 429 or 503
  --retry-after <seconds>              Retry-After header of that response
`;

const OUTCOMES: Outcome[] = ['approved', 'review', 'rejected'];

/** A wrong flag or a missing requirement; its message is for the person who started it. */
class StartError extends Error {}

function readFlags() {
	const text = { type: 'string' } as const;
	return parseArgs({
		options: {
			help: { type: 'boolean' },
			port: { ...text, default: '8473' },
			judge: { ...text, default: 'faces' },
			'app-id': { ...text, default: DEFAULT_KEYS.appId },
			'app-key': { ...text, default: DEFAULT_KEYS.appKey },
			limit: text,
			'usage-limit': text,
			outcome: text,
			latency: text,
			status: text,
			'retry-after': text,
		},
	}).values;
}

type Flags = ReturnType<typeof readFlags>;

function numberIn(flags: Flags, name: keyof Flags, least: number, most: number) {
	const text = flags[name];
	if (text === undefined) return undefined;
	const value = Number(text);
	if (/^\d+$/.test(String(text)) && value >= least && value <= most) return value;
	throw new StartError(`--${name} must be a whole number from ${least} to ${most}.`);
}

function scriptedByFlags(flags: Flags): Judge {
	const outcome = OUTCOMES.find((name) => name === (flags.outcome ?? 'approved'));
	if (!outcome) throw new StartError(`--outcome must be one of ${OUTCOMES.join(', ')}.`);
	const latency = numberIn(flags, 'latency', 0, 3_600_000);
	const status = numberIn(flags, 'status', 200, 599);
	const retryAfter = numberIn(flags, 'retry-after', 0, 86_400);
	const headers = { ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }) };
	return scripted(() => ({ outcome, latency, status, headers }));
}

async function judgeByFlags(flags: Flags): Promise<Judge> {
	if (flags.judge === 'scripted') return scriptedByFlags(flags);
	if (flags.judge !== 'faces') throw new StartError('--judge must be faces or scripted.');
	const stray = (['outcome', 'latency', 'status', 'retry-after'] as const).find((f) => flags[f]);
	if (stray) throw new StartError(`--${stray} only works with --judge scripted.`);
	const begin = Date.now();
	console.log('Loading the face models from this machine, without downloads ...');
	const judge = await facesJudge();
	console.log(`Loaded after ${((Date.now() - begin) / 1000).toFixed(1)} s.`);
	return judge;
}

/** One line per call, without keys, query, file names or picture data. */
function logLine({ method, status, parts, path, reply, receivedAt, ...call }: RecordedCall) {
	const sizes = parts
		.filter(({ name }) => name === 'selfie' || name === 'image')
		.map(({ name, size }) => `${name} ${Math.ceil(size / 1024)} kB`);
	const body = reply?.body as Partial<Answer> & { error?: { code?: string } };
	const outcome = body?.response_data && outcomeOf(body as Answer);
	return [
		new Date(receivedAt).toISOString().slice(11, 19),
		method,
		// without the query, which may contain a key
		path.split('?')[0]?.slice(0, 40),
		status ?? 'no answer',
		`${(call.finishedAt ?? Date.now()) - receivedAt} ms`,
		...sizes,
		...(status === undefined ? [] : [body?.error?.code ?? outcome ?? '']),
	].join('  ');
}

async function main() {
	const flags = readFlags();
	if (flags.help) return console.log(HELP);
	const port = numberIn(flags, 'port', 0, 65_535);
	const maxInFlight = numberIn(flags, 'limit', 1, 10_000);
	const usageLimit = numberIn(flags, 'usage-limit', 0, 1_000_000_000);
	const keys = { appId: flags['app-id'], appKey: flags['app-key'] };
	const judge = await judgeByFlags(flags);
	const sandbox = await startSandbox({
		...{ judge, port, keys, maxInFlight, usageLimit },
		onCall(call) {
			console.log(logLine(call));
			// it may run for days, and nobody reads the calls again
			sandbox.calls.splice(sandbox.calls.indexOf(call), 1);
		},
	}).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== 'EADDRINUSE') throw error;
		throw new StartError(
			`Port ${port} is in use, perhaps by another sandbox. Choose a different one with --port.`,
		);
	});

	console.log(`
This is NOT Kairos. It is a local sandbox for development: its scores are not Kairos' scores,
and nothing it approves is verified. Pictures stay in memory and are discarded after the answer.

For the credential "Kairos API":
  Base URL  ${sandbox.url}
  App ID    ${keys.appId}
  App Key   ${keys.appKey}

Judge: ${judge.name}. Press Ctrl-C to stop.
`);

	for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void sandbox.close());
}

main().catch((error: NodeJS.ErrnoException) => {
	const isForPerson = error instanceof StartError || error.code?.startsWith('ERR_PARSE_ARGS');
	console.error(isForPerson ? error.message : error);
	process.exitCode = 1;
});
