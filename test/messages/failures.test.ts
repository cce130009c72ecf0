/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import {
	ERROR_CODES,
	POLICY_REASON_CODES,
	SCORE_REASON_CODES,
	WARNING_CODES,
} from '../../nodes/KairosBiometricVerification/shared/codes';
import type { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import type { DownloadState } from '../../nodes/KairosBiometricVerification/messages/failures';
import {
	DOWNLOAD_BROKEN,
	failures,
} from '../../nodes/KairosBiometricVerification/messages/failures';
import { reasons } from '../../nodes/KairosBiometricVerification/messages/reasons';
import { warnings } from '../../nodes/KairosBiometricVerification/messages/warnings';
import { flawsOf } from '../fixtures/flaws';

/** Arguments for every function, one array per call. */
type Examples<Makers extends Record<string, (...values: never[]) => unknown>> = {
	[Name in keyof Makers]: Array<Parameters<Makers[Name]>>;
};

const FACTS = { statusCode: 418, requestId: 'request-1' };
const CUT = { statusCode: 502, requestId: 'request-1', isWhole: false };
const NAMES = ['selfie', 'image'];

/** At least one call per function: the compiler reports a missing one. */
const FAILURES: Examples<typeof failures> = {
	credentialUnreadable: [[]],
	keyEmpty: [['App ID'], ['App Key']],
	keyUnusable: [['App ID']],
	baseUrlEmpty: [[]],
	baseUrlInvalid: [[]],
	baseUrlInsecure: [[]],
	baseUrlWithMore: [[]],
	requestElsewhere: [['https://idv-eu.kairos.com']],
	requestDiverted: [['its own proxy']],
	outputsUnknown: [[]],
	expressionFailed: [['Timeout']],
	notText: [['Case Title']],
	choiceInvalid: [['Picture Checks', ['fail', 'warn']]],
	notTrueOrFalse: [['Simplify']],
	thresholdInvalid: [['Reject Liveness Below']],
	notWholeNumber: [['Retries', 0, 5, 2]],
	timeoutInvalid: [['Timeout', 1, 3_600_000]],
	thresholdsCrossed: [['Reject Liveness Below', 'Review Liveness Below']],
	retryWouldBillTwice: [[]],
	optionsFilledByAgent: [['Options']],
	reviewAsTool: [[]],
	tooManyCases: [[51, 50]],
	resumeUrlUnknown: [[]],
	reviewLinkMissing: [[]],
	reviewLinkDisabled: [[]],
	reviewLinksUnclear: [[]],
	reviewLinkOfAnother: [[]],
	reviewLinkUsed: [[]],
	caseNotObject: [[]],
	waitTimeInvalid: [['Amount', 3650]],
	fieldEmpty: [
		['selfie', NAMES],
		['image', []],
	],
	fieldMissing: [
		['selfie', 'passport', NAMES],
		['image', null, []],
	],
	fileBesideText: [['selfie']],
	fileWithoutContent: [['selfie']],
	notAFile: [
		['selfie', 'text'],
		['image', 'nothing'],
		['selfie', 'buffer'],
		['image', 'not-base64'],
	],
	pictureUnreadable: [['image']],
	urlEmpty: [['selfie']],
	urlInvalid: [['selfie']],
	urlTooLong: [['selfie', 8192]],
	downloadRefused: [['image', 'example.com', 404]],
	downloadBroken: (Object.keys(DOWNLOAD_BROKEN) as DownloadState[]).map((state) => [
		'image',
		'example.com',
		state,
	]),
	downloadWebPage: [['selfie', 'example.com']],
	downloadCutShort: [['selfie', 'example.com']],
	hostGivenUp: [['image', 'example.com', 3]],
	downloadTooSlow: [['image', 'example.com', 60_000]],
	base64Empty: [['selfie']],
	base64Invalid: [['selfie']],
	base64Spaces: [['image']],
	fileTooLarge: [['image']],
	fileEmpty: [['selfie']],
	notAPicture: [
		['selfie', 'HTML'],
		['image', null],
	],
	dataUrlAsFile: [['selfie']],
	formatUnsupported: [['selfie', 'JPEG XL file']],
	pictureDamaged: [['image', 'webp']],
	pictureTooSmall: [['selfie', 299, 400, 300]],
	pictureTooLarge: [['image', 5001, 400, 5000]],
	picturesIdentical: [[]],
	unreachable: [
		['blocked'],
		['unknown-host'],
		['refused'],
		['silent'],
		['proxy'],
		['not-https'],
		['handshake'],
		['untrusted'],
		['expired'],
		['wrong-host'],
	],
	proxyRefused: [[407], [502]],
	connectionLost: [[], [FACTS], [CUT]],
	timedOut: [[60_000], [60_000, FACTS], [60_000, CUT]],
	testUnanswered: [[], [502]],
	keysRefused: [[FACTS]],
	keysRefusedBefore: [[]],
	callForbidden: [[FACTS]],
	tooManyRequests: [
		[FACTS, null],
		[FACTS, 2000],
	],
	redirected: [[FACTS]],
	requestRejected: [[FACTS]],
	serverFailed: [
		[FACTS, null],
		[CUT, null],
		[FACTS, 2000],
	],
	statusUnknown: [[FACTS], [CUT]],
	noDecision: [[FACTS]],
	answeredTooSoon: [[FACTS]],
	waitTooLong: [[60_000]],
	gaveUp: [['refused'], ['unreachable'], ['unknown']],
	stoppedBefore: [[]],
	unexpected: [[]],
	canceled: [[]],
};

/** Results of every call of every function, with its name. */
function made<Result>(
	makers: Record<string, (...values: never[]) => Result>,
	examples: Record<string, unknown[][]>,
): Array<[string, Result]> {
	return Object.entries(examples).flatMap(([name, calls]) =>
		calls.map((values): [string, Result] => {
			const maker = makers[name] as (...values: unknown[]) => Result;
			return [name, maker(...values)];
		}),
	);
}

describe('failures', () => {
	const all = made<Failure>(failures, FAILURES);

	test.each(all)('%s: one sentence on what happened, one on what to do (%#)', (_name, failure) => {
		const { happened, advice, message } = failure;
		// for whoever writes a Code node
		const prose = advice.replace(/this\.helpers\.\w+/, 'this');
		expect([...flawsOf(happened), ...flawsOf(prose)]).toEqual([]);
		expect(message).toBe(`${happened} ${advice}`);
	});

	test('every error code has a failure', () => {
		expect(new Set(all.map(([, { code }]) => code))).toEqual(new Set(ERROR_CODES));
	});

	test('only calls that Kairos certainly did not process are retried', () => {
		const again = all.filter(([, failure]) => failure.mayBeSentAgain);
		const calls = again.map(([name, { waitMs }]) => `${name} ${waitMs}`);
		expect([...new Set(calls)].map((call) => call.split(' '))).toEqual([
			['unreachable', 'null'],
			['proxyRefused', 'null'],
			['tooManyRequests', 'null'],
			['tooManyRequests', '2000'],
			['serverFailed', '2000'],
		]);
	});

	test('"billed" is said only of calls that Kairos may have processed', () => {
		const billed = all.filter(([, { message }]) => /may be billed/.test(message));
		const states = billed.map(([, { callState }]) => callState);
		expect(new Set(states)).toEqual(new Set(['processed', 'unknown', 'not-sent']));
		const ofOthers = billed.filter(([, { callState }]) => callState === 'not-sent');
		// about calls that were under way
		expect(ofOthers.map(([name]) => name)).toEqual(['canceled']);
	});

	test('retried calls, and items never sent because the service was unavailable, may be run again', () => {
		const names = all.filter(([, { retryable }]) => retryable).map(([name]) => name);
		expect([...new Set(names)]).toEqual([
			'hostGivenUp',
			'unreachable',
			'proxyRefused',
			'connectionLost',
			'timedOut',
			'tooManyRequests',
			'serverFailed',
			'waitTooLong',
			'gaveUp',
			'stoppedBefore',
		]);
	});
});

const WARNINGS: Examples<typeof warnings> = {
	outsideLimits: [
		['selfie', failures.pictureTooSmall('selfie', 299, 400, 300)],
		['selfie', failures.pictureTooLarge('selfie', 5001, 400, 5000)],
		['image', failures.fileEmpty('image')],
		['image', failures.picturesIdentical()],
	],
	sizeUnknown: [['selfie']],
	belowRecommendedSize: [['selfie', 500, 600, 900]],
	formatUnconfirmed: [['image', 'heic']],
	rotated: [['selfie']],
	rotationUnknown: [['image']],
	incomplete: [['selfie']],
	severalFacesInImage: [[2]],
	pictureSizeMismatch: [['image', { width: 500, height: 500 }, { width: 1200, height: 1600 }]],
	fromKairos: [['SOME_CODE', null]],
	warningScore: [[]],
	reviewPageMissing: [[]],
	inputFieldsLeftOut: [
		[['form.photo', 'list[2]'], 2],
		[['form.photo'], 5],
	],
};

describe('warnings', () => {
	const all = made(warnings, WARNINGS);

	test.each(all)('%s: one sentence (%#)', (_name, { message }) => {
		expect(flawsOf(message)).toEqual([]);
	});

	test('every warning code has a warning', () => {
		const codes = all.map(([, { code }]) => code).filter((code) => code !== 'SOME_CODE');
		expect(new Set(codes)).toEqual(new Set(WARNING_CODES));
	});
});

const FINDING = { code: null, confidence: 1, decision: 'review', description: 'Faces differ.' };

const REASONS: Examples<typeof reasons> = {
	fromKairos: [[FINDING, 'review']],
	scoreWithoutFinding: [['review'], ['reject']],
	lowFaceMatch: [[0.3, 0.4, 'reject']],
	lowLiveness: [[0.7, 0.8, 'review']],
	unreadableDecision: [[]],
	missingFaceMatch: [[]],
	unreadableFaceMatch: [[]],
	missingLiveness: [[]],
	unreadableLiveness: [[]],
	missingFaces: [['selfie'], ['image']],
	unreadableFaces: [['selfie'], ['image']],
	implausibleFace: [['selfie'], ['image']],
	noFaceInSelfie: [[]],
	severalFacesInSelfie: [[2]],
	noFaceInImage: [[]],
	picturesIdentical: [[]],
	scoresContradictDecision: [
		[{ faceMatch: true, liveness: false }, 0.4],
		[{ faceMatch: false, liveness: true }, 0.4],
		[{ faceMatch: true, liveness: true }, 0.4],
	],
	errorsBesideDecision: [[]],
};

describe('reasons', () => {
	const all = made(reasons, REASONS);

	test.each(all)('%s: one sentence (%#)', (_name, { description }) => {
		expect(flawsOf(description ?? '')).toEqual([]);
	});

	test('every policy and score code has a reason', () => {
		const codes = all.map(([, { code }]) => code).filter((code) => code !== 'UNNAMED_REASON');
		const known = [...POLICY_REASON_CODES, ...Object.values(SCORE_REASON_CODES)];
		expect(new Set(codes)).toEqual(new Set(known));
	});
});
