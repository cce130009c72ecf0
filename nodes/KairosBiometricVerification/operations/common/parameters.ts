import type { IExecuteFunctions } from 'n8n-workflow';

import { failures, fieldLabel } from '../../messages/failures';
import type { Failure } from '../../shared/failure';
import type { OptionName } from '../../shared/options';
import { LABELS, OPTIONS } from '../../shared/options';
import type { PictureName, PictureSource } from '../../shared/picture';
import { PICTURE_LABELS } from '../../shared/picture';

/** What a result keeps of its input item. */
export interface Keeps {
	includeInputFields: boolean;
	keepBinary: boolean;
}

/** An option that the author did not add. */
export const ABSENT = Symbol('absent');

/**
 * Reads parameters of one item and remembers the first failure. A value that is present but unreadable is a failure, never a
 * silent default: a threshold that disappears would let an impostor in.
 */
export class ParameterReader {
	failure: Failure | null = null;

	/** As written, with expressions unevaluated. */
	private readonly rawOptions: Record<string, unknown>;

	/** @param itemIndex the item that the expressions see */
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

	/** If it cannot be read, the default is kept beside the failure. */
	flag(
		name: 'limitWaitTime' | 'multipleFaces' | 'simplify' | 'splitByDecision',
		byDefault: boolean,
	): boolean {
		return this.toFlag(this.value(name, LABELS[name], byDefault), LABELS[name], byDefault);
	}

	/** If it cannot be read, the input's data is not kept. */
	optionFlag(name: 'includeInputFields' | 'keepBinary' | 'reviewPage'): boolean {
		const { label, byDefault } = OPTIONS[name];
		const value = this.option(name);
		return value === ABSENT ? byDefault : this.toFlag(value, label, false);
	}

	keeps(): Keeps {
		return {
			includeInputFields: this.optionFlag('includeInputFields'),
			keepBinary: this.optionFlag('keepBinary'),
		};
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

	private toFlag(value: unknown, label: string, otherwise: boolean): boolean {
		const text = typeof value === 'string' ? value.toLowerCase() : value;
		if (text === true || text === 'true') return true;
		if (text === false || text === 'false') return false;
		this.fail(failures.notTrueOrFalse(label));
		return otherwise;
	}

	/** @returns `ABSENT` where the author did not add it */
	option(name: OptionName): unknown {
		if (!Object.hasOwn(this.rawOptions, name)) return ABSENT;
		return this.value(`options.${name}`, OPTIONS[name].label, null);
	}

	/** @returns null beside a failure where its expression fails */
	value(name: string, label: string, fallback: string | boolean | null): unknown {
		try {
			return this.context.getNodeParameter(name, this.itemIndex, fallback);
		} catch {
			// n8n's own message can quote the data that the expression used
			this.fail(failures.expressionFailed(label));
			return null;
		}
	}

	fail(failure: Failure): void {
		this.failure ??= failure;
	}
}
