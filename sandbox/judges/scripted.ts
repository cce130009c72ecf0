/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { answerFor, type Answer, type Findings, type Outcome } from '../answer';
import type { RecordedCall } from '../calls';
import { errorReply, type Reply } from '../reply';
import type { Judge } from './judge';

/**
 * What a rule can set. Everything is optional: `{}` is an approved answer without delay. `body`
 * wins over `outcome`; a `status` other than 200 without a body gets an error body.
 */
export type ScriptedReply = Partial<Reply> & { outcome?: Outcome };

/** Chooses the reply to a call by its headers and parts. */
export type Rule = (call: RecordedCall) => ScriptedReply | Promise<ScriptedReply>;

/**
 * A judge whose rules can be replaced at any time; each call uses the rule that is current when it
 * asks.
 */
export interface ScriptedJudge extends Judge {
	/** Called when the upload is complete and well-formed. */
	rule: Rule;
	/** Called when the headers have arrived; with a reply (such as a drop) the upload is not read. */
	earlyRule?: (call: RecordedCall) => ScriptedReply | undefined;
}

/**
 * The judge for tests and benchmarks: it ignores the pictures, and the rule decides the reply.
 *
 * @example startSandbox({ judge: scripted(() => ({ outcome: 'review', latency: 50 })) })
 */
export function scripted(rule: Rule = () => ({})): ScriptedJudge {
	return {
		name: 'scripted',
		looksAtPictures: false,
		rule,
		beforeUpload(call) {
			const reply = this.earlyRule?.(call);
			return reply && complete(reply, call);
		},
		async judge(_pictures, call) {
			return complete(await this.rule(call), call);
		},
	};
}

/**
 * The body of a 200 for a chosen outcome, built by the same function as a judged one. Sizes and
 * boxes are those of the sample on Kairos' page; `rejected` has its scores too.
 */
export function scriptedAnswer(outcome: Outcome, receivedAt: number = Date.now()): Answer {
	return answerFor({ ...SAMPLE_PICTURES, ...SCORES[outcome] }, receivedAt);
}

function complete(
	{ outcome, status = 200, body, ...rest }: ScriptedReply,
	call: RecordedCall,
): Reply {
	if (body === undefined && status !== 200) {
		const reply = errorReply(status, 'scripted', `The sandbox was told to answer ${status}.`);
		return { ...reply, ...rest };
	}
	return { status, body: body ?? scriptedAnswer(outcome ?? 'approved', call.receivedAt), ...rest };
}

const SCORES: Record<Outcome, Pick<Findings, 'faceMatch' | 'liveness'>> = {
	approved: { faceMatch: 0.9312, liveness: 0.9784 },
	review: { faceMatch: 0.4803, liveness: 0.9784 },
	rejected: { faceMatch: 0.4803, liveness: 0.0026 },
};

const SAMPLE_PICTURES: Pick<Findings, 'selfie' | 'image'> = {
	selfie: {
		width: 500,
		height: 666,
		faces: [{ x: 153.1597, y: 169.8101, width: 235.0864, height: 290.2446, confidence: 1 }],
	},
	image: {
		width: 150,
		height: 200,
		faces: [{ x: 40.3778, y: 42.5628, width: 63.2991, height: 86.6425, confidence: 0.9999 }],
	},
};
