/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import type { Inspection } from '../../nodes/KairosBiometricVerification/pictures/inspect';
import {
	checkLimits,
	warningsUnder,
} from '../../nodes/KairosBiometricVerification/pictures/limits';
import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import { failures } from '../../nodes/KairosBiometricVerification/messages/failures';
import type { PictureChecks } from '../../nodes/KairosBiometricVerification/shared/options';
import type {
	Orientation,
	PictureFormat,
	PictureName,
} from '../../nodes/KairosBiometricVerification/shared/picture';
import type { Warning } from '../../nodes/KairosBiometricVerification/shared/result';
import { warnings } from '../../nodes/KairosBiometricVerification/messages/warnings';

const facts = (format: PictureFormat) => ({
	format,
	mimeType: `image/${format}`,
	extension: format,
});

const picture = (
	width: number,
	height: number,
	{ format = 'jpeg' as PictureFormat, orientation = 1 as Orientation, isIncomplete = false } = {},
): Inspection => ({
	kind: 'picture',
	width,
	height,
	orientation,
	isIncomplete,
	...facts(format),
});
const sizeUnknown = (format: PictureFormat = 'jpeg', orientation: Orientation = 1): Inspection => ({
	kind: 'size-unknown',
	orientation,
	isIncomplete: false,
	...facts(format),
});
const damaged = (format: PictureFormat): Inspection => ({ kind: 'damaged', ...facts(format) });
const notAPicture = (looksLike: 'HTML' | 'PDF' | 'text' | 'unknown'): Inspection => ({
	kind: 'not-a-picture',
	looksLike,
});
const RAW: Inspection = { kind: 'unsupported', name: 'camera raw file' };
const EMPTY: Inspection = { kind: 'empty' };

/** What becomes of a picture under the option Picture Checks. */
function checkPicture(inspection: Inspection, name: PictureName, checks: PictureChecks) {
	const check = checkLimits(inspection, name);
	return checks === 'fail' && check.problem ? check.problem : warningsUnder(checks, check, name);
}

const codesOf = (checked: Warning[] | Failure) =>
	checked instanceof Failure ? checked.code : checked.map((warning) => warning.code);

const GOOD = picture(1200, 1600);
const SMALL = 'PICTURE_TOO_SMALL';
const LARGE = 'PICTURE_TOO_LARGE';
const NOT_RECOMMENDED = 'PICTURE_BELOW_RECOMMENDED_SIZE';
const UNKNOWN = 'PICTURE_SIZE_UNKNOWN';
const UNCONFIRMED = 'PICTURE_FORMAT_UNCONFIRMED';
const ROTATED = 'PICTURE_ROTATED';
const INCOMPLETE = 'PICTURE_INCOMPLETE';
const ROTATION_UNKNOWN = 'PICTURE_ROTATION_UNKNOWN';

describe.each(['selfie', 'image'] as const)('the %s', (name) => {
	describe('outside the limits: "fail" fails, "warn" warns, "off" ignores', () => {
		test.each<[string, Inspection, string, string[]]>([
			['299 wide', picture(299, 1200), SMALL, [SMALL]],
			['299 high', picture(1200, 299), SMALL, [SMALL]],
			['5001 wide', picture(5001, 1200), LARGE, [LARGE]],
			['5001 high', picture(1200, 5001), LARGE, [LARGE]],
			['too high and narrow', picture(900, 5001), LARGE, [LARGE, NOT_RECOMMENDED]],
			['too narrow and too high', picture(299, 5001), SMALL, [SMALL]],
			[
				'small, WebP, rotated',
				picture(299, 299, { format: 'webp', orientation: 6 }),
				SMALL,
				[SMALL, UNCONFIRMED, ROTATED],
			],
		])('%s', (_name, inspection, failure, expected) => {
			expect(codesOf(checkPicture(inspection, name, 'fail'))).toBe(failure);
			expect(codesOf(checkPicture(inspection, name, 'warn'))).toStrictEqual(expected);
			expect(checkPicture(inspection, name, 'off')).toStrictEqual([]);
		});
	});

	describe('within the limits: "fail" and "warn" give the same warnings, "off" none', () => {
		test.each<[string, Inspection, string[]]>([
			['1200 x 1600', GOOD, []],
			['PNG', picture(1200, 1600, { format: 'png' }), []],
			['901 x 901', picture(901, 901), []],
			['900 wide', picture(900, 1200), [NOT_RECOMMENDED]],
			['900 high', picture(1200, 900), [NOT_RECOMMENDED]],
			['300 x 300', picture(300, 300), [NOT_RECOMMENDED]],
			['5000 x 5000', picture(5000, 5000), []],
			['unknown size', sizeUnknown(), [UNKNOWN]],
			[
				'unknown size, rotated AVIF',
				sizeUnknown('avif', 'turned'),
				[UNKNOWN, UNCONFIRMED, ROTATED],
			],
			['HEIC', picture(1200, 1600, { format: 'heic' }), [UNCONFIRMED]],
			['WebP', picture(1200, 1600, { format: 'webp' }), [UNCONFIRMED]],
			['rotated', picture(1200, 1600, { orientation: 6 }), [ROTATED]],
			['unknown rotation', picture(1200, 1600, { orientation: 'unknown' }), [ROTATION_UNKNOWN]],
			['cut short', picture(1200, 1600, { isIncomplete: true }), [INCOMPLETE]],
			['unknown size and rotation', sizeUnknown('jpeg', 'unknown'), [UNKNOWN]],
			[
				'several warnings',
				picture(500, 666, { format: 'heic', orientation: 6 }),
				[NOT_RECOMMENDED, UNCONFIRMED, ROTATED],
			],
		])('%s', (_name, inspection, expected) => {
			expect(codesOf(checkPicture(inspection, name, 'fail'))).toStrictEqual(expected);
			expect(codesOf(checkPicture(inspection, name, 'warn'))).toStrictEqual(expected);
			expect(checkPicture(inspection, name, 'off')).toStrictEqual([]);
		});
	});

	test.each<[Inspection, Failure]>([
		[EMPTY, failures.fileEmpty(name)],
		[notAPicture('HTML'), failures.notAPicture(name, 'HTML')],
		[notAPicture('PDF'), failures.notAPicture(name, 'PDF')],
		[notAPicture('text'), failures.notAPicture(name, 'text')],
		[notAPicture('unknown'), failures.notAPicture(name, null)],
		[RAW, failures.formatUnsupported(name, 'camera raw file')],
		[damaged('heic'), failures.pictureDamaged(name, 'heic')],
		[picture(299, 1400), failures.pictureTooSmall(name, 299, 1400, 300)],
		[picture(6000, 5001), failures.pictureTooLarge(name, 6000, 5001, 5000)],
	])('the failure for %j', (inspection, failure) => {
		expect(checkPicture(inspection, name, 'fail')).toEqual(failure);
		expect(checkPicture(inspection, name, 'warn')).toContainEqual(
			warnings.outsideLimits(name, failure),
		);
		expect(checkPicture(inspection, name, 'off')).toEqual([]);
	});

	test('the warnings', () => {
		expect(
			checkPicture(picture(500, 666, { format: 'webp', orientation: 6 }), name, 'warn'),
		).toEqual([
			warnings.belowRecommendedSize(name, 500, 666, 900),
			warnings.formatUnconfirmed(name, 'webp'),
			warnings.rotated(name),
		]);
		expect(checkPicture(sizeUnknown('tiff', 'unknown'), name, 'warn')).toEqual([
			warnings.sizeUnknown(name),
			warnings.formatUnconfirmed(name, 'tiff'),
		]);
		expect(checkPicture(picture(901, 901, { orientation: 'unknown' }), name, 'fail')).toEqual([
			warnings.rotationUnknown(name),
		]);
	});
});
