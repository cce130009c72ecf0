import type { IExecuteFunctions } from 'n8n-workflow';

import type { PictureSettings } from '../../pictures/prepare';
import type { Failure } from '../../shared/failure';
import { failures, fieldLabel } from '../../messages/failures';
import type { OptionName, ThresholdName } from '../../shared/options';
import { PICTURE_CHECKS, LABELS, OPTIONS } from '../../shared/options';
import type { PictureName, PictureSource } from '../../shared/picture';
import { PICTURE_LABELS } from '../../shared/picture';
import type { OwnThresholds } from '../../shared/result';

/**
 * The parameters of one item's verification. `timeout` is milliseconds, for one request and for one
 * download.
 */
export interface Settings extends PictureSettings {
	multipleFaces: boolean;
	thresholds: OwnThresholds;
}

export interface RunSettings {
	/** Requests in flight, from 1. */
	maxConcurrent: number;
	/** Extra tries of a call that Kairos certainly did not process. */
	retries: number;
}

/** How one item's result is shown. Readable even if the settings are not. */
export interface Presentation {
	simplify: boolean;
	includeInputFields: boolean;
	keepBinary: boolean;
	reviewPage: boolean;
}

/** The parameters of one item, read once. */
export interface Parameters {
	/** Or the first `CONFIGURATION` failure. */
	settings: Settings | Failure;
	presentation: Presentation;
	/** Where its pictures come from, even if the settings are unusable. */
	sources: Record<PictureName, PictureSource>;
}

/** The units of a wait, in milliseconds. */
const MS_PER_UNIT = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 };

/** Ten years. */
const MAX_WAIT_DAYS = 3650;

/** An option that the author did not add. */
const ABSENT = Symbol('absent');

/**
 * Reads and checks the parameters of one item. A value that is present but unreadable is a failure,
 * never a silent default: a threshold that disappears would let an impostor in.
 *
 * @param itemIndex the item that the expressions see
 */
export function readParameters(context: IExecuteFunctions, itemIndex: number): Parameters {
	const reader = new ParameterReader(context, itemIndex);
	reader.checkOptions();
	const sources = { selfie: reader.source('selfie'), image: reader.source('image') };
	const settings: Settings = {
		sources,
		multipleFaces: reader.flag('multipleFaces', false),
		pictureChecks: reader.pictureChecks(),
		thresholds: reader.thresholds(),
		timeout: reader.timeout(),
	};
	reader.wholeNumber('maxConcurrent');
	reader.wholeNumber('retries');
	const presentation: Presentation = {
		simplify: reader.flag('simplify', true),
		includeInputFields: reader.optionFlag('includeInputFields'),
		keepBinary: reader.optionFlag('keepBinary'),
		reviewPage: reader.optionFlag('reviewPage'),
	};
	return { settings: reader.failure ?? settings, presentation, sources };
}

/** The parameters of one item of Check Pictures. */
export interface CheckParameters {
	/** The first `CONFIGURATION` failure, or null. */
	failure: Failure | null;
	selfie: PictureSource;
	/** Null if only the selfie is to be checked. */
	image: PictureSource | null;
	/** Milliseconds for one download. */
	timeout: number;
	presentation: Pick<Presentation, 'includeInputFields' | 'keepBinary'>;
}

export function readCheckParameters(
	context: IExecuteFunctions,
	itemIndex: number,
): CheckParameters {
	const reader = new ParameterReader(context, itemIndex);
	reader.checkOptions();
	const parameters = {
		selfie: reader.source('selfie'),
		image: reader.hasNoImage() ? null : reader.source('image'),
		timeout: reader.timeout(),
		presentation: {
			includeInputFields: reader.optionFlag('includeInputFields'),
			keepBinary: reader.optionFlag('keepBinary'),
		},
	};
	return { failure: reader.failure, ...parameters };
}

/** The parameters of a run of Wait for Review. */
export interface WaitParameters {
	/** When to stop waiting; null for never. */
	until: Date | null;
}

/** Reads and checks the parameters of Wait for Review, and checks that each item has a case. */
export function readWaitParameters(
	context: IExecuteFunctions,
	itemCount: number,
): WaitParameters | Failure {
	for (let itemIndex = 0; itemIndex < itemCount; itemIndex += 1) {
		const reader = new ParameterReader(context, itemIndex);
		reader.checkCase();
		if (reader.failure !== null) return reader.failure;
	}
	const reader = new ParameterReader(context, 0);
	const until = reader.waitEnd();
	return reader.failure ?? { until };
}

/**
 * Reads the settings of the whole run from the first item. An unreadable one fails every item, see
 * `readParameters`.
 */
export function readRunSettings(context: IExecuteFunctions): RunSettings {
	const reader = new ParameterReader(context, 0);
	return {
		maxConcurrent: reader.wholeNumber('maxConcurrent'),
		retries: reader.wholeNumber('retries'),
	};
}

/** Reads parameters of one item and remembers the first failure. */
class ParameterReader {
	failure: Failure | null = null;

	/** As written, with expressions unevaluated. */
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
		this.rawOptions = typeof raw === 'object' && raw !== null ? { ...raw } : {};
	}

	/**
	 * Options belong to the author of the workflow: an AI agent must not talk itself past a check.
	 */
	checkOptions(): void {
		if (/\$from_?ai\b/i.test(JSON.stringify(this.rawOptions))) {
			this.fail(failures.optionsFilledByAgent(LABELS.options));
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
			this.fail(failures.choiceInvalid(`${label} Source`, ['binary', 'url', 'base64']));
		}
		const value = this.value(`${picture}BinaryProperty`, fieldLabel(picture), '');
		return { kind: 'binary', value };
	}

	/** Only Check Pictures allows an item without the image. */
	hasNoImage(): boolean {
		return this.value('imageSource', `${PICTURE_LABELS.image} Source`, 'binary') === 'none';
	}

	/**
	 * The page is optional, so only its expression is checked. Both are read when the link is opened.
	 */
	checkCase(): void {
		if (!isJson(this.value('case', LABELS.case, null))) {
			this.fail(failures.caseMissing(LABELS.case));
		}
		this.value('reviewPage', LABELS.reviewPage, null);
	}

	waitEnd(): Date | null {
		const isLimited = this.value('limitWaitTime', LABELS.limitWaitTime, true);
		if (!this.toFlag(isLimited, LABELS.limitWaitTime, true)) return null;
		const amount = this.value('resumeAmount', LABELS.resumeAmount, null);
		const unit = this.value('resumeUnit', LABELS.resumeAmount, null);
		const msPerUnit = Object.entries(MS_PER_UNIT).find(([name]) => name === unit)?.[1] ?? 0;
		const ms = typeof amount === 'number' ? amount * msPerUnit : 0;
		if (!(ms > 0 && ms <= MAX_WAIT_DAYS * MS_PER_UNIT.days)) {
			this.fail(failures.waitTimeInvalid(LABELS.resumeAmount, MAX_WAIT_DAYS));
			return null;
		}
		return new Date(Date.now() + ms);
	}

	flag(name: 'multipleFaces' | 'simplify', byDefault: boolean): boolean {
		return this.toFlag(this.value(name, LABELS[name], byDefault), LABELS[name], byDefault);
	}

	/** If it cannot be read, the input's data is not kept. */
	optionFlag(name: 'includeInputFields' | 'keepBinary' | 'reviewPage'): boolean {
		const { label, byDefault } = OPTIONS[name];
		const value = this.option(name);
		return value === ABSENT ? byDefault : this.toFlag(value, label, false);
	}

	pictureChecks(): Settings['pictureChecks'] {
		const { label, byDefault } = OPTIONS.pictureChecks;
		const value = this.option('pictureChecks');
		if (value === ABSENT) return byDefault;
		const chosen = PICTURE_CHECKS.find((choice) => choice === value);
		if (chosen === undefined) this.fail(failures.choiceInvalid(label, PICTURE_CHECKS));
		return chosen ?? byDefault;
	}

	thresholds(): OwnThresholds {
		const thresholds: OwnThresholds = {
			rejectFaceMatchBelow: this.threshold('rejectFaceMatchBelow'),
			rejectLivenessBelow: this.threshold('rejectLivenessBelow'),
			reviewFaceMatchBelow: this.threshold('reviewFaceMatchBelow'),
			reviewLivenessBelow: this.threshold('reviewLivenessBelow'),
		};
		this.checkOrder(thresholds, 'rejectFaceMatchBelow', 'reviewFaceMatchBelow');
		this.checkOrder(thresholds, 'rejectLivenessBelow', 'reviewLivenessBelow');
		return thresholds;
	}

	wholeNumber(name: 'maxConcurrent' | 'retries'): number {
		const { label, min, max, byDefault } = OPTIONS[name];
		const value = this.option(name);
		if (value === ABSENT) return byDefault;
		if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
			return value;
		}
		this.fail(failures.notWholeNumber(label, min, max, byDefault));
		return byDefault;
	}

	timeout(): number {
		const { label, min, max, byDefault } = OPTIONS.timeout;
		const value = this.option('timeout');
		if (value === ABSENT) return byDefault;
		if (typeof value === 'number' && value >= min && value <= max) return Math.round(value);
		this.fail(failures.timeoutInvalid(label, min, max));
		return byDefault;
	}

	private threshold(name: ThresholdName): number | null {
		const { label, min, max } = OPTIONS[name];
		const value = this.option(name);
		if (value === ABSENT) return null;
		if (typeof value === 'number' && value >= min && value <= max) return value;
		this.fail(failures.thresholdInvalid(label));
		return null;
	}

	private checkOrder(
		thresholds: OwnThresholds,
		reject: ThresholdName,
		review: ThresholdName,
	): void {
		const [low, high] = [thresholds[reject], thresholds[review]];
		if (low === null || high === null || low <= high) return;
		this.fail(failures.thresholdsCrossed(OPTIONS[reject].label, OPTIONS[review].label));
	}

	private toFlag(value: unknown, label: string, otherwise: boolean): boolean {
		const text = typeof value === 'string' ? value.toLowerCase() : value;
		if (text === true || text === 'true') return true;
		if (text === false || text === 'false') return false;
		this.fail(failures.notTrueOrFalse(label));
		return otherwise;
	}

	private option(name: OptionName): unknown {
		if (!Object.hasOwn(this.rawOptions, name)) return ABSENT;
		return this.value(`options.${name}`, OPTIONS[name].label, null);
	}

	private value(name: string, label: string, fallback: string | boolean | null): unknown {
		try {
			return this.context.getNodeParameter(name, this.itemIndex, fallback);
		} catch {
			// n8n's own message can quote the data that the expression used
			this.fail(failures.expressionFailed(label));
			return null;
		}
	}

	private fail(failure: Failure): void {
		this.failure ??= failure;
	}
}

/** Whether a value can be an item's JSON. */
export function isJson(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
