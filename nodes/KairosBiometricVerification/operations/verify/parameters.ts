import type { IExecuteFunctions } from 'n8n-workflow';

import { failures } from '../../messages/failures';
import type { PictureSettings } from '../../pictures/prepare';
import { isScore } from '../../shared/answer';
import type { Failure } from '../../shared/failure';
import type { PictureChecks, ThresholdName } from '../../shared/options';
import { OPTIONS, PICTURE_CHECKS } from '../../shared/options';
import type { PictureName, PictureSource } from '../../shared/picture';
import type { OwnThresholds } from '../../shared/result';
import type { Keeps } from '../common/parameters';
import { ABSENT, ParameterReader } from '../common/parameters';

/**
 * The parameters of one item's verification. `timeout` is milliseconds, for one request and for one download.
 */
export interface Settings extends PictureSettings {
	multipleFaces: boolean;
	thresholds: OwnThresholds;
}

export interface RunSettings {
	/** Requests in flight, from 1. */
	maxConcurrent: number;
	/** Further tries of a call that Kairos certainly did not process. */
	retries: number;
}

/** How one item's result is shown. Readable even if the settings are not. */
export interface Presentation extends Keeps {
	simplify: boolean;
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

/** Reads and checks the parameters of one item. */
export function readParameters(context: IExecuteFunctions, itemIndex: number): Parameters {
	const reader = new ParameterReader(context, itemIndex);
	reader.checkOptions();
	const sources = { selfie: reader.source('selfie'), image: reader.source('image') };
	const settings: Settings = {
		sources,
		multipleFaces: reader.flag('multipleFaces', false),
		pictureChecks: readPictureChecks(reader),
		thresholds: readThresholds(reader),
		timeout: reader.timeout(),
	};
	reader.wholeNumber('maxConcurrent');
	reader.wholeNumber('retries');
	const presentation: Presentation = {
		...reader.keeps(),
		simplify: reader.flag('simplify', true),
		reviewPage: reader.optionFlag('reviewPage'),
	};
	return { settings: reader.failure ?? settings, presentation, sources };
}

/**
 * Reads the settings of the whole run from the first item. An unreadable one fails every item, see `readParameters`.
 */
export function readRunSettings(context: IExecuteFunctions): RunSettings {
	const reader = new ParameterReader(context, 0);
	return {
		maxConcurrent: reader.wholeNumber('maxConcurrent'),
		retries: reader.wholeNumber('retries'),
	};
}

function readPictureChecks(reader: ParameterReader): PictureChecks {
	const { label, byDefault } = OPTIONS.pictureChecks;
	const value = reader.option('pictureChecks');
	if (value === ABSENT) return byDefault;
	const chosen = PICTURE_CHECKS.find((choice) => choice === value);
	if (chosen === undefined) reader.fail(failures.choiceInvalid(label, PICTURE_CHECKS));
	return chosen ?? byDefault;
}

function readThresholds(reader: ParameterReader): OwnThresholds {
	const thresholds: OwnThresholds = {
		rejectFaceMatchBelow: readThreshold(reader, 'rejectFaceMatchBelow'),
		rejectLivenessBelow: readThreshold(reader, 'rejectLivenessBelow'),
		reviewFaceMatchBelow: readThreshold(reader, 'reviewFaceMatchBelow'),
		reviewLivenessBelow: readThreshold(reader, 'reviewLivenessBelow'),
	};
	for (const [reject, review] of [
		['rejectFaceMatchBelow', 'reviewFaceMatchBelow'],
		['rejectLivenessBelow', 'reviewLivenessBelow'],
	] as const) {
		if ((thresholds[reject] ?? 0) > (thresholds[review] ?? 1)) {
			reader.fail(failures.thresholdsCrossed(OPTIONS[reject].label, OPTIONS[review].label));
		}
	}
	return thresholds;
}

function readThreshold(reader: ParameterReader, name: ThresholdName): number | null {
	const value = reader.option(name);
	if (value === ABSENT) return null;
	if (isScore(value)) return value;
	reader.fail(failures.thresholdInvalid(OPTIONS[name].label));
	return null;
}
