/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { failedJson } from '../../nodes/KairosBiometricVerification/operations/verify/result';
import { checkedJson } from '../../nodes/KairosBiometricVerification/operations/checkPictures/result';
import { reviewedJson } from '../../nodes/KairosBiometricVerification/operations/waitForReview/answer';
import { failures } from '../../nodes/KairosBiometricVerification/messages/failures';
import type {
	Evidence,
	ExaminedPicture,
} from '../../nodes/KairosBiometricVerification/shared/result';
import { warnings } from '../../nodes/KairosBiometricVerification/messages/warnings';
import { SAMPLE_ITEM } from '../fixtures/items';

interface Schema {
	type: string;
	properties?: Record<string, Schema>;
	items?: Schema;
}

const FOLDER = '../../nodes/KairosBiometricVerification/__schema__/v1.0.0';

function schemaOf(operation: string): Schema {
	const file = resolve(__dirname, FOLDER, `${operation}.json`);
	return JSON.parse(readFileSync(file, 'utf8')) as Schema;
}

const SCHEMA = schemaOf('verify');

/** The schema of a value: every number is "number"; null and empty arrays match anything. */
function shapeOf(value: unknown): unknown {
	if (value === null) return expect.anything();
	if (Array.isArray(value)) {
		const items = value.length > 0 ? shapeOf(value[0]) : expect.anything();
		return { type: 'array', items };
	}
	if (typeof value !== 'object') return { type: typeof value };
	const fields = Object.entries(value).map(([name, entry]) => [name, shapeOf(entry)]);
	return { type: 'object', properties: Object.fromEntries(fields) as unknown };
}

/** The schema with "integer" as "number". */
function withoutIntegers({ type, properties, items }: Schema): Schema {
	const fields = Object.entries(properties ?? {});
	return {
		type: type === 'integer' ? 'number' : type,
		...(properties && {
			properties: Object.fromEntries(fields.map(([name, field]) => [name, withoutIntegers(field)])),
		}),
		...(items && { items: withoutIntegers(items) }),
	};
}

describe('the output schema that the editor reads', () => {
	test('has exactly the fields of a verified item, in order', () => {
		const described = withoutIntegers(SCHEMA);
		expect(described).toEqual(shapeOf(SAMPLE_ITEM));
		expect(Object.keys(described.properties ?? {})).toEqual(Object.keys(SAMPLE_ITEM));
		expect(Object.keys(described.properties?.evidence?.properties ?? {})).toEqual(
			Object.keys(SAMPLE_ITEM.evidence as object),
		);
	});

	test('has the fields of a failed item', () => {
		const failure = failures.callForbidden({ statusCode: 403, requestId: 'request-1' });
		const evidence = SAMPLE_ITEM.evidence as unknown as Evidence;
		expect(withoutIntegers(SCHEMA)).toEqual(shapeOf(failedJson(failure, evidence, true)));
	});

	test('describes warnings', () => {
		const { code, picture, message } = SCHEMA.properties?.warnings?.items?.properties ?? {};
		expect([code, picture, message]).toEqual(Array(3).fill({ type: 'string' }));
	});

	test('describes unset thresholds as numbers', () => {
		const fields = SCHEMA.properties?.evidence?.properties ?? {};
		const thresholds = Object.keys(fields).filter((name) => name.endsWith('Below'));
		expect(thresholds.map((name) => fields[name])).toEqual(Array(4).fill({ type: 'number' }));
	});

	test('Check Pictures: has exactly the fields of its item', () => {
		const picture: ExaminedPicture = {
			...{ format: 'jpeg', mimeType: 'image/jpeg', width: 200, height: 400, rotated: false },
			...{ bytes: 1000, sha256: 'a', warnings: [warnings.rotated('selfie')] },
			problem: failures.picturesIdentical(),
		};
		const described = withoutIntegers(schemaOf('checkPictures'));
		expect(described).toEqual(shapeOf(checkedJson(picture, picture, 'pair')));
	});

	test('Create Review Link: has the fields of a verified item and its own', () => {
		const created = { ...SAMPLE_ITEM, reviewLink: 'https://n8n.example.com', reviewTitle: 'Maria' };
		expect(withoutIntegers(schemaOf('createReviewLink'))).toEqual(shapeOf(created));
	});

	test('Wait for Review: has the fields of a verified item and of the review', () => {
		const decision = { decision: 'approved', note: 'x' } as const;
		const answered = { reviewer: 'Zo\u00eb', answeredAt: 'now' };
		const described = withoutIntegers(schemaOf('waitForReview'));
		expect(described).toEqual(shapeOf(reviewedJson(SAMPLE_ITEM, decision, answered)));
	});
});
