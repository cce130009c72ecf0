/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */

/** The answer to one case, or the code with which the connection ended. */
export type Answered =
	| { kind: 'answer'; status: number; headers: Record<string, string>; body: string; ms: number }
	| { kind: 'none'; code: string; ms: number };

/** Every case that the check knows; a run without own pictures leaves some of them out. */
export type CaseId =
	| 'plain'
	| 'hyphens'
	| 'wrong keys'
	| 'missing part'
	| 'too small'
	| 'no face in selfie'
	| 'no face in image'
	| 'two faces'
	| 'two faces, multiface'
	| 'png'
	| 'webp'
	| 'heic'
	| 'rotated'
	| '20 MB';

export interface CaseResult {
	id: CaseId;
	/** What was sent, in a few words. */
	sent: string;
	answered: Answered;
}

/** A whole run, as input of the report. */
export interface Run {
	/** The host that was called. */
	host: string;
	/** When it started, in ISO 8601. */
	startedAt: string;
	/** Whether the pictures show people; drawn ones show no face. */
	ownPictures: boolean;
	results: CaseResult[];
	/** Cases that were not sent, with the reason. */
	notSent: Array<{ sent: string; reason: string }>;
	/** Size in pixels of the rotated image as stored; upright, the two are swapped. */
	rotatedSize: { width: number; height: number };
}

/** Headers that say something about the service; all others stay out of the report. */
const HEADERS = ['content-type', 'x-request-id', 'retry-after'];

/** Longest text from an answer that the report repeats. */
const MAX_WORDS = 200;
const MAX_TEXTS = 8;
const MAX_FIELDS = 200;

const SAME = 'The same fields and types as the sample answer';

/** Hiding a shorter key could hide half of the report. */
export const MIN_KEY_LENGTH = 4;

/**
 * Removes the keys from a text, in any letter case, plain, in base64 or as part of an address.
 *
 * @param keys texts of at least `MIN_KEY_LENGTH` characters
 */
export function withoutKeys(text: string, keys: string[]): string {
	const spellings = keys
		.flatMap((key) => [
			key,
			encodeURIComponent(key),
			JSON.stringify(key).slice(1, -1),
			Buffer.from(key).toString('base64').replace(/=+$/, ''),
			Buffer.from(key).toString('base64url'),
		])
		.sort((a, b) => b.length - a.length);
	return spellings.reduce(
		(hidden, spelling) => hidden.replace(new RegExp(escaped(spelling), 'gi'), '[hidden]'),
		text,
	);
}

function escaped(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/**
 * The fields of a JSON value with their types, lists as `name[]`.
 *
 * @example fieldsOf({a: [{b: 1}]}) // a: a list, a[]: object, a[].b: number
 */
export function fieldsOf(value: unknown): Map<string, string> {
	const found = new Map<string, Set<string>>();
	const visit = (path: string, at: unknown) => {
		if (path !== '') found.set(path, (found.get(path) ?? new Set()).add(typeName(at)));
		if (Array.isArray(at)) at.forEach((entry) => visit(`${path}[]`, entry));
		else if (isObject(at)) {
			for (const [name, entry] of Object.entries(at)) {
				visit(path === '' ? name : `${path}.${name}`, entry);
			}
		}
	};
	visit('', value);
	return new Map([...found].map(([path, types]) => [path, [...types].sort().join(' or ')]));
}

function typeName(value: unknown): string {
	if (value === null) return 'null';
	if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
	return { string: 'text', boolean: 'true or false' }[typeof value as string] ?? typeof value;
}

/**
 * How an answer differs from the sample: new fields, missing fields, other types. Nothing below a
 * field that differs is listed.
 *
 * @returns one line per difference, none if the shapes agree
 */
export function differences(answer: unknown, sample: unknown): string[] {
	const [given, expected] = [fieldsOf(answer), fieldsOf(sample)];
	const told: string[] = [];
	const lines: string[] = [];
	for (const path of new Set([...expected.keys(), ...given.keys()])) {
		if (told.some((above) => path.startsWith(`${above}.`) || path.startsWith(`${above}[`)))
			continue;
		const [is, was] = [given.get(path), expected.get(path)];
		if (is === was) continue;
		told.push(path);
		const name = `\`${readable(path)}\``;
		if (was === undefined) lines.push(`new: ${name} (${is})`);
		else if (is === undefined) lines.push(`missing: ${name} (${was} in the sample)`);
		else lines.push(`different type: ${name} is ${is}, but ${was} in the sample`);
	}
	return lines;
}

/**
 * The report, in Markdown. It contains statuses, a few headers, shapes, sizes, numbers of faces,
 * codes, and the wording of refusals; no key, no picture and no person's score.
 *
 * @param sample Kairos' own sample answer
 * @param keys what must not appear, even if the service sends it back
 */
export function reportOf(given: Run, sample: unknown, keys: string[]): string {
	const run = { ...given, results: given.results.map((result) => cleaned(result, keys)) };
	const lines = [
		'# What Kairos answered',
		'',
		`${calls(run.results)} to ${run.host}, started ${run.startedAt}, with ${
			run.ownPictures ? 'own pictures' : 'drawn pictures without a face'
		}. Created by \`npm run check-kairos\`. It contains no key, no picture and no score.`,
		'',
		'## The unknown limits, one by one',
		'',
		...UNKNOWNS.map(({ topic, settle }) => `- **${topic}:** ${settle(run) ?? 'not settled.'}`),
		'',
		'## Call by call',
		...run.results.flatMap((result) => ['', `### ${result.sent}`, '', ...linesOf(result, sample)]),
		...(run.notSent.length === 0 ? [] : ['', '## Not sent', '']),
		...run.notSent.map(({ sent, reason }) => `- ${sent}: ${reason}`),
	];
	return `${withoutKeys(lines.join('\n'), keys)}\n`;
}

/**
 * A result without the keys. They are removed before any text is cut, because half a key would not
 * be found.
 */
function cleaned(result: CaseResult, keys: string[]): CaseResult {
	const { answered } = result;
	if (answered.kind === 'none') return result;
	const value = parsed(answered.body);
	// serialised again, because JSON can escape any letter
	const body = withoutKeys(value === null ? answered.body : JSON.stringify(value), keys);
	const headers = Object.fromEntries(
		Object.entries(answered.headers).map(([name, text]) => [name, withoutKeys(text, keys)]),
	);
	return { ...result, answered: { ...answered, headers, body } };
}

function linesOf({ answered }: CaseResult, sample: unknown): string[] {
	if (answered.kind === 'none') {
		return [`- No answer: the connection ended with ${answered.code} after ${answered.ms} ms.`];
	}
	const { status, headers, body, ms } = answered;
	const lines = [`- Status ${status} after ${ms} ms`];
	for (const name of HEADERS) {
		if (headers[name] !== undefined) lines.push(`- \`${name}\`: ${readable(headers[name])}`);
	}
	const value = parsed(body);
	if (!isObject(value)) {
		return [
			...lines,
			`- The body is not a JSON object (${body.length} characters)`,
			...texts(body),
		];
	}
	if (hasDecision(value)) lines.push(`- ${facts(value)}`);
	else lines.push(...texts(value));
	if (status === 200) {
		const different = differences(value, sample).map((line) => `  - ${line}`);
		lines.push(`- ${different.length === 0 ? SAME : 'Differs from the sample answer:'}`);
		lines.push(...different);
	}
	const shape = [...fieldsOf(value)]
		.slice(0, MAX_FIELDS)
		.map(([path, type]) => `${readable(path)}: ${type}`);
	return [...lines, '- Its fields:', '', '```', ...shape, '```'];
}

/** The facts of an answer, without its scores: sizes, numbers of faces, codes. */
function facts(value: Record<string, unknown>): string {
	const codes = list(at(value, 'response_data.decision.details')).map(
		(detail) => `${readable(at(detail, 'code'))} (${readable(at(detail, 'decision'))})`,
	);
	const pictures = (['selfie', 'image'] as const).map((name) => {
		const { width, height } = sizeOf(value, name);
		const faces = facesIn(value, name);
		return `${name}: ${counted(faces)}, ${width} x ${height} pixels`;
	});
	return [...pictures, `findings: ${codes.join(', ') || 'none'}`].join('; ');
}

/** The texts of an answer, shortened, to show its wording. */
function texts(value: unknown): string[] {
	const found: string[] = [];
	const visit = (each: unknown) => {
		if (typeof each === 'string' && each.trim() !== '') found.push(each);
		else if (typeof each === 'object' && each !== null) Object.values(each).forEach(visit);
	};
	visit(value);
	return found.slice(0, MAX_TEXTS).map((text) => `- It says: ${readable(text)}`);
}

/** Foreign text on one line, shortened, and without anything that looks like a picture. */
function readable(value: unknown): string {
	if (typeof value !== 'string' && typeof value !== 'number') return 'none';
	const text = String(value)
		.replace(/[A-Za-z0-9+/_-]{48,}={0,2}/g, '[long text]')
		.replace(/\s+/g, ' ')
		.replace(/[`<>|]/g, ' ')
		.trim();
	return text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}…` : text;
}

/**
 * The lines of the README's section on unknown limits, and what a run says about each; null if
 * nothing.
 */
const UNKNOWNS: Array<{ topic: string; settle: (run: Run) => string | null }> = [
	{
		topic: 'Header names',
		settle: (run) => all(run, { plain: 'app_id and app_key', hyphens: 'app-id and app-key' }),
	},
	{ topic: 'Wrong keys', settle: (run) => all(run, { 'wrong keys': 'keys that nobody has' }) },
	{
		topic: 'Formats other than JPEG and PNG',
		settle: (run) => all(run, { png: 'PNG', webp: 'WebP', heic: 'HEIC' }),
	},
	{
		topic: 'The largest file',
		settle: (run) =>
			all(run, { '20 MB': 'a selfie of 20 MB' }, 'Files between 20 and 25 MB were not tried.'),
	},
	{
		topic: 'Pictures below 300 pixels',
		settle: (run) => all(run, { 'too small': 'at most 250 pixels on every side' }),
	},
	{ topic: 'EXIF rotation', settle: rotation },
	{
		topic: 'An answer without a face',
		settle: (run) =>
			run.ownPictures
				? all(run, {
						'no face in selfie': 'no face in the selfie',
						'no face in image': 'no face in the image',
					})
				: all(run, { plain: 'no face in either picture' }),
	},
	{
		topic: 'An answer with several faces',
		settle: (run) =>
			all(run, {
				'two faces': 'two faces in the image',
				'two faces, multiface': 'the same with image_multiface=true',
			}),
	},
	{ topic: 'A part that is missing', settle: (run) => all(run, { 'missing part': 'no image' }) },
	{ topic: 'Rate limits', settle: rateLimits },
	{ topic: 'How errors are worded', settle: wording },
	{ topic: 'Whether a failed call is billed', settle: billing },
	{
		topic: 'Other regions',
		settle: (run) => `not settled: only ${run.host} was called.`,
	},
];

function all(run: Run, labels: Partial<Record<CaseId, string>>, addition = ''): string | null {
	const said = run.results.flatMap(({ id, answered }) =>
		labels[id] === undefined ? [] : [`${labels[id]}: ${inWords(answered)}`],
	);
	if (said.length === 0) return null;
	return `${said.join('; ')}.${addition === '' ? '' : ` ${addition}`}`;
}

function inWords(answered: Answered): string {
	if (answered.kind === 'none') return `no answer (${answered.code})`;
	const value = parsed(answered.body);
	if (answered.status !== 200) return `refused with status ${answered.status}`;
	if (!hasDecision(value)) {
		return 'status 200 without a decision';
	}
	const faces = (['selfie', 'image'] as const).map(
		(name) => `${counted(facesIn(value, name))} in the ${name}`,
	);
	return `accepted, ${faces.join(' and ')}`;
}

function calls({ length }: CaseResult[]): string {
	return length === 1 ? '1 call' : `${length} calls`;
}

function counted(faces: number | null): string {
	if (faces === null) return 'no list of faces';
	return faces === 1 ? '1 face' : `${faces} faces`;
}

function rotation(run: Run): string | null {
	const answered = run.results.find(({ id }) => id === 'rotated')?.answered;
	if (answered === undefined) return null;
	const value = answered.kind === 'answer' ? parsed(answered.body) : null;
	if (answered.kind === 'none' || answered.status !== 200 || !isObject(value)) {
		return `${inWords(answered)}.`;
	}
	const { width, height } = sizeOf(value, 'image');
	const stored = run.rotatedSize;
	const is = (w: number, h: number) => width === w && height === h;
	const turned = is(stored.height, stored.width)
		? 'the answer has the size of the upright picture, so Kairos applies the rotation'
		: is(stored.width, stored.height)
			? 'the answer has the size of the stored picture, so Kairos does not report the rotation as applied'
			: `the answer's size (${width} x ${height}) is neither the stored nor the upright one, so this is not settled`;
	return `${inWords(answered)}; ${turned}.`;
}

function rateLimits({ results }: Run): string {
	const refused = results.filter(({ answered }) => hasStatus(answered, 429));
	if (refused.length === 0) {
		return `not settled: no status 429 in ${calls(results)}, one after another.`;
	}
	const waits = refused.map(({ answered }) =>
		answered.kind === 'answer' ? (answered.headers['retry-after'] ?? 'none') : 'none',
	);
	return `status 429 in ${refused.length} of ${calls(results)}, one after another (Retry-After: ${waits.join(', ')}).`;
}

function wording({ results }: Run): string | null {
	const said = results.flatMap(({ sent, answered }) => {
		if (answered.kind === 'none' || answered.status === 200) return [];
		const value = parsed(answered.body);
		const kind = isObject(value)
			? `JSON with ${Object.keys(value).map(readable).join(', ') || 'no field'}`
			: `not JSON (${readable(answered.headers['content-type'])})`;
		return [`${sent}: ${kind}`];
	});
	return said.length === 0 ? null : `${said.join('; ')}. The texts are below, call by call.`;
}

function billing({ results }: Run): string {
	const accepted = results.filter(({ answered }) => hasStatus(answered, 200)).length;
	return `compare your account's usage before and after: of ${calls(results)}, ${accepted} got status 200. If it grew by ${accepted}, refused calls are not billed.`;
}

function hasDecision(value: unknown): boolean {
	return isObject(at(value, 'response_data.decision'));
}

function hasStatus(answered: Answered, status: number): boolean {
	return answered.kind === 'answer' && answered.status === status;
}

function sizeOf(value: unknown, picture: 'selfie' | 'image') {
	const size = at(value, `response_data.biometric.${picture}.img`);
	const pixels = (entry: unknown) => (typeof entry === 'number' ? entry : null);
	return { width: pixels(at(size, 'width')), height: pixels(at(size, 'height')) };
}

function facesIn(value: unknown, picture: 'selfie' | 'image'): number | null {
	const faces = at(value, `response_data.biometric.${picture}.faces_predicted`);
	return Array.isArray(faces) ? faces.length : null;
}

function at(value: unknown, path: string): unknown {
	return path
		.split('.')
		.reduce<unknown>(
			(parent, name) =>
				isObject(parent) && Object.hasOwn(parent, name) ? parent[name] : undefined,
			value,
		);
}

function list(value: unknown): unknown[] {
	return Array.isArray(value) ? value : [];
}

function parsed(body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		return null;
	}
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
