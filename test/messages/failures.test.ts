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
import { failures } from '../../nodes/KairosBiometricVerification/messages/failures';
import { reasons } from '../../nodes/KairosBiometricVerification/messages/reasons';
import { warnings } from '../../nodes/KairosBiometricVerification/messages/warnings';
import { flawsOf } from '../fixtures/flaws';

/** Arguments for every function, one array per call. */
type Examples<Makers extends Record<string, (...values: never[]) => unknown>> = {
	[Name in keyof Makers]: Array<Parameters<Makers[Name]>>;
};

const DOWNLOADS = Object.keys({
	...{ blocked: 0, 'unknown-host': 0, refused: 0, silent: 0, proxy: 0, 'not-https': 0 },
	...{ handshake: 0, untrusted: 0, expired: 0, 'wrong-host': 0, redirects: 0, late: 0, lost: 0 },
} satisfies Record<DownloadState, 0>) as DownloadState[];
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
	downloadBroken: DOWNLOADS.map((state) => ['image', 'example.com', state]),
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
		// for whoever writes a Code node, and a label of n8n's own
		const prose = advice.replace(/this\.helpers\.\w+|On Error/, 'this');
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

	describe('the request ID', () => {
		const SUPPORT = all.filter(([, { message }]) => /Kairos support|\(request ID/.test(message));
		const messagesWith = (requestId: string | null) => {
			const facts = { ...FACTS, requestId };
			return [
				failures.connectionLost(facts),
				failures.timedOut(60_000, facts),
				failures.callForbidden(facts),
				failures.requestRejected(facts),
				failures.serverFailed(facts, null),
				failures.serverFailed(facts, 2000),
				failures.statusUnknown(facts),
				failures.noDecision(facts),
			].map(({ message }) => message);
		};

		test('is in every message that names Kairos support, where it is known', () => {
			const known = SUPPORT.filter(([, { requestId }]) => requestId !== null);
			expect(new Set(known.map(([name]) => name))).toEqual(
				new Set([
					...['connectionLost', 'timedOut', 'callForbidden', 'requestRejected', 'serverFailed'],
					...['statusUnknown', 'noDecision'],
				]),
			);
			for (const [, { message }] of known) expect(message).toContain('request ID request-1');
		});

		test.each([
			'7f3c5f0e-8f5b-4a55-9a35-5a2d1b6a1c11',
			'1-67891233-abcdef012345678912345678',
			'A_1',
			'x'.repeat(64),
		])('%s is printed', (id) => {
			for (const message of messagesWith(id)) expect(message).toContain(`request ID ${id}`);
		});

		test.each([
			null,
			'',
			'[hidden]',
			'<a href="https://evil.example">7f3c</a>',
			'evil.example',
			'`7f3c`',
			'{{ $env.SECRET }}',
			'7f3c\n',
			'7f3c\u202eevil',
			'７f3c',
			'7f3c. Send your keys to 555-0100',
			'x'.repeat(65),
		])('%j is not printed, and no message has a gap', (id) => {
			for (const message of messagesWith(id)) {
				expect(message).not.toContain('request ID');
				if (id?.trim()) expect(message).not.toContain(id);
				expect(flawsOf(message)).toEqual([]);
			}
		});
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
