import type { IExecuteFunctions } from 'n8n-workflow';

import type { PictureName } from '../shared/codes';
import { PICTURE_LABELS } from '../shared/codes';
import type { OwnThresholds } from '../decision/decide';
import { Failure } from '../shared/failure';
import { parseUrl } from '../shared/url';

export type ImageChecks = 'stop' | 'warn' | 'off';

/** Where a picture comes from. A binary's value is a field name, or a binary object that an expression yielded. */
export type PictureSource =
	| { kind: 'binary'; value: unknown }
	| { kind: 'url'; value: unknown }
	| { kind: 'base64'; value: unknown };

/** What one item asks for, read and checked. */
export interface Settings {
	sources: Record<PictureName, PictureSource>;
	multipleFaces: boolean;
	imageChecks: ImageChecks;
	thresholds: OwnThresholds;
	/** Milliseconds for one request. */
	timeout: number;
}

/** How a whole run goes; read from its first item. */
export interface RunSettings {
	/** Requests in flight at once, from 1. */
	maxConcurrent: number;
	/** Extra tries of a request that Kairos is known not to have processed. */
	retries: number;
}

/** How one item's result is shown. Readable even where the settings are not. */
export interface Presentation {
	simplify: boolean;
	includeInputFields: boolean;
	keepBinary: boolean;
	reviewPage: boolean;
}

/** What the form shows when an option is added, and what holds without it. */
export const DEFAULTS = {
	/** The most there is: a batch begins with fewer and finds out by itself what the service takes, see `Pace`. */
	maxConcurrent: 32,
	retries: 2,
	/** Milliseconds. */
	timeout: 60_000,
};

/** A shorter text is no picture, but would be found in innocent ones. */
const SHORTEST_BASE64 = 32;

/** An option that the author did not add. */
const ABSENT = Symbol('absent');

/** The parameters of one item. */
export interface Parameters {
	settings: Settings | Failure;
	presentation: Presentation;
	/** Base64 values, and of addresses the query and the password: what may not go on to the result. */
	pictureSecrets: string[];
}

/**
 * Reads and checks the parameters of one item. Present but unreadable is an error, never a silent default:
 * a threshold that vanishes would let an impostor in.
 *
 * @param itemIndex the item whose data the expressions see
 * @returns the settings, or the first `CONFIGURATION` failure; and how to show the result even of a failure,
 * where what could not be read keeps the input's data back
 */
export function readParameters(context: IExecuteFunctions, itemIndex: number): Parameters {
	const reader = new ParameterReader(context, itemIndex);
	reader.optionsAreTheAuthors();
	const sources = { selfie: reader.source('selfie'), image: reader.source('image') };
	const settings: Settings = {
		sources,
		multipleFaces: reader.flag('multipleFaces', 'Multiple Faces in Image', false),
		imageChecks: reader.choice('imageChecks', 'Image Checks', ['stop', 'warn', 'off']),
		thresholds: {
			minimumFaceMatch: reader.minimum('minimumFaceMatch', 'Minimum Face Match'),
			minimumLiveness: reader.minimum('minimumLiveness', 'Minimum Liveness'),
			belowMinimum: reader.choice('belowMinimum', 'Below Minimum', ['review', 'rejected']),
		},
		timeout: reader.timeout(),
	};
	reader.maxConcurrent();
	reader.retries();
	const presentation: Presentation = {
		simplify: reader.flag('simplify', 'Simplify', true),
		includeInputFields: reader.optionFlag('includeInputFields', 'Include Input Fields', true),
		keepBinary: reader.optionFlag('keepBinary', 'Keep Binary Data', false),
		reviewPage: reader.optionFlag('reviewPage', 'Review Page', false),
	};
	const pictureSecrets = Object.values(sources).flatMap(secretsOf);
	return { settings: reader.failure ?? settings, presentation, pictureSecrets };
}

/** Reads how the run goes from its first item. What cannot be read is a failure of every item, see `readParameters`. */
export function readRunSettings(context: IExecuteFunctions): RunSettings {
	const reader = new ParameterReader(context, 0);
	return { maxConcurrent: reader.maxConcurrent(), retries: reader.retries() };
}

/** What stands where another kind of source belongs may be a picture too, so only an address is let off. */
function secretsOf({ kind, value }: PictureSource): string[] {
	if (typeof value !== 'string') return [];
	const url = kind === 'url' ? parseUrl(value) : null;
	if (url !== null) {
		const { search, username, password } = url;
		const asWritten = [
			/\?[^#]*/.exec(value)?.[0] ?? '',
			/\/\/[^/?#]*:[^/?#]*@/.exec(value)?.[0] ?? '',
		];
		const asSent = [search, password === '' ? '' : `${username}:${password}@`];
		return [...asWritten, ...asSent].filter((secret) => secret.length > 1);
	}
	return value.length < SHORTEST_BASE64 ? [] : [value.trim()];
}

/** Reads parameters of one item and remembers the first that could not be read. */
class ParameterReader {
	failure: Failure | null = null;

	private readonly rawOptions: Record<string, unknown>;

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly itemIndex: number,
	) {
		const raw: unknown = context.getNodeParameter(
			'options',
			itemIndex,
			{},
			{ rawExpressions: true },
		);
		this.rawOptions =
			typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {};
		if (typeof raw !== 'object' || raw === null) {
			this.fail('Options', 'is an expression as a whole', 'Add the options one by one instead.');
		}
	}

	source(picture: PictureName): PictureSource {
		const label = PICTURE_LABELS[picture];
		const kind = this.value(`${picture}Source`, `${label} Source`, 'binary');
		if (kind === 'url') {
			return { kind, value: this.value(`${picture}Url`, `${label} URL`, '') };
		}
		if (kind === 'base64') {
			return { kind, value: this.value(`${picture}Base64`, `${label} Base64`, '') };
		}
		if (kind !== 'binary') {
			this.fail(`${label} Source`, 'is none of its choices', 'Choose one from its list.');
		}
		return {
			kind: 'binary',
			value: this.value(`${picture}BinaryProperty`, `${label} Binary Field`, ''),
		};
	}

	flag(name: string, label: string, byDefault: boolean): boolean {
		return this.toFlag(this.value(name, label, byDefault), label, byDefault);
	}

	optionFlag(name: string, label: string, byDefault: boolean): boolean {
		const value = this.option(name, label);
		return value === ABSENT ? byDefault : this.toFlag(value, label, false);
	}

	/** The first choice is the default. */
	choice<T extends string>(name: string, label: string, choices: [T, ...T[]]): T {
		const value = this.option(name, label);
		if (value === ABSENT) return choices[0];
		const chosen = choices.find((choice) => choice === value);
		if (chosen === undefined) {
			this.fail(label, 'is none of its choices', `It takes one of: ${choices.join(', ')}.`);
		}
		return chosen ?? choices[0];
	}

	minimum(name: string, label: string): number | null {
		const value = this.option(name, label);
		if (value === ABSENT) return null;
		if (typeof value === 'number' && value >= 0 && value <= 1) return value;
		this.fail(
			label,
			'is not a number from 0 to 1',
			'Write it with a point, such as 0.8, check what its expression yields, or remove the option.',
		);
		return null;
	}

	maxConcurrent(): number {
		return this.wholeNumber('maxConcurrent', 'Max Concurrent', 1, 32, DEFAULTS.maxConcurrent);
	}

	retries(): number {
		return this.wholeNumber('retries', 'Retries', 0, 5, DEFAULTS.retries);
	}

	private wholeNumber(
		name: string,
		label: string,
		least: number,
		most: number,
		byDefault: number,
	): number {
		const value = this.option(name, label);
		if (value === ABSENT) return byDefault;
		if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most)
			return Number(value);
		this.fail(
			label,
			`is not a whole number from ${least} to ${most}`,
			`Check what its expression yields, or remove the option to use ${byDefault}.`,
		);
		return byDefault;
	}

	timeout(): number {
		const value = this.option('timeout', 'Timeout');
		if (value === ABSENT) return DEFAULTS.timeout;
		if (typeof value === 'number' && value >= 1 && value <= 3_600_000) return Math.round(value);
		this.fail(
			'Timeout',
			'is not a number of milliseconds from 1 to 3600000',
			'Write 60000 for one minute, or remove the option: one minute is its default.',
		);
		return DEFAULTS.timeout;
	}

	/** Thresholds and checks belong to the author of the workflow: an AI agent must not talk itself past them. */
	optionsAreTheAuthors(): void {
		if (/\$from_?ai\b/i.test(JSON.stringify(this.rawOptions))) {
			this.fail(
				'Options',
				'lets the AI agent fill in a value',
				'Set checks and thresholds yourself; the agent may fill in only the URLs and Multiple Faces in Image.',
			);
		}
	}

	private toFlag(value: unknown, label: string, otherwise: boolean): boolean {
		const text = typeof value === 'string' ? value.toLowerCase() : value;
		if (text === true || text === 'true') return true;
		if (text === false || text === 'false') return false;
		this.fail(label, 'is neither true nor false', 'Check what its expression yields.');
		return otherwise;
	}

	private option(name: string, label: string): unknown {
		if (!Object.hasOwn(this.rawOptions, name)) return ABSENT;
		return this.value(`options.${name}`, label, null);
	}

	private value(name: string, label: string, fallback: string | boolean | null): unknown {
		try {
			return this.context.getNodeParameter(name, this.itemIndex, fallback);
		} catch {
			// n8n's own message can quote the data that the expression was fed
			this.fail(label, 'has an expression that fails', 'Open the node and check that expression.');
			return null;
		}
	}

	private fail(label: string, problem: string, advice: string): void {
		this.failure ??= new Failure('CONFIGURATION', `The parameter "${label}" ${problem}.`, advice);
	}
}
