/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { answerFor, type Detail, type Findings, type SeenPicture } from '../answer';
import { decodePicture } from '../pictures';
import { errorReply, type Reply } from '../reply';
import { faceMatchConfidence } from './faceMatch';
import { loadFaceModels, type Face, type FaceModels } from './faceModels';
import type { Judge } from './judge';

/** A picture and the faces that the models found in it, largest first. */
interface JudgedPicture extends SeenPicture {
	faces: Face[];
}

/**
 * The judge with real face models, so that face match and liveness depend on the pictures.
 *
 * It compares the largest face of the selfie with the largest of the image or, with
 * `image_multiface`, with every face in the image, and the best match counts. The liveness is the
 * lower result of the liveness model and the anti-spoof model for the selfie's face. A picture that
 * cannot be read, or has a side below 300 or above 5000 px, is refused with a 422.
 *
 * It is not published what Kairos answers if there is no face or more than one. The sandbox's own
 * codes for that begin with `SANDBOX_`: NO_FACE_IN_SELFIE and NO_FACE_IN_IMAGE (reject, with the
 * scores that need the face at 0), SEVERAL_FACES_IN_SELFIE (review), SEVERAL_FACES_IN_IMAGE
 * (warning, only without `image_multiface`).
 */
export async function facesJudge(): Promise<Judge> {
	const models = await loadFaceModels();
	return {
		name: 'faces',
		looksAtPictures: true,
		async judge(pictures, call, gone) {
			const selfie = await look(models, 'selfie', pictures.selfie, gone);
			if ('refusal' in selfie) return selfie.refusal;
			const image = await look(models, 'image', pictures.image, gone);
			if ('refusal' in image) return image.refusal;
			const findings = findingsFor(models, selfie, image, pictures.multiface);
			return { status: 200, body: answerFor(findings, call.receivedAt) };
		},
	};
}

async function look(
	models: FaceModels,
	part: 'selfie' | 'image',
	bytes: Buffer,
	gone: AbortSignal,
): Promise<JudgedPicture | { refusal: Reply }> {
	const picture = await decodePicture(bytes);
	if ('code' in picture) {
		return { refusal: errorReply(422, picture.code, `The part "${part}" ${picture.message}.`) };
	}
	const { width, height } = picture;
	return { width, height, faces: await models.detect(picture, gone) };
}

function findingsFor(
	models: FaceModels,
	selfie: JudgedPicture,
	image: JudgedPicture,
	multiface: boolean,
): Findings {
	const face = selfie.faces[0];
	const candidates = multiface ? image.faces : image.faces.slice(0, 1);
	const matches = candidates.map((candidate) =>
		face ? faceMatchConfidence(models.similarity(face.descriptor, candidate.descriptor)) : 0,
	);
	const [inSelfie, inImage] = [selfie.faces.length, image.faces.length];
	const details: Detail[] = [];
	const note = (when: boolean, code: string, decision: Detail['decision'], description: string) => {
		if (when) details.push({ code: `SANDBOX_${code}`, confidence: 1, decision, description });
	};
	const judged = 'faces were found in the selfie; the largest was judged';
	const compared = 'faces were found in the image; the largest was compared';
	note(inSelfie === 0, 'NO_FACE_IN_SELFIE', 'reject', 'No face was found in the selfie');
	note(inImage === 0, 'NO_FACE_IN_IMAGE', 'reject', 'No face was found in the image');
	note(inSelfie > 1, 'SEVERAL_FACES_IN_SELFIE', 'review', `${inSelfie} ${judged}`);
	const several = inImage > 1 && !multiface;
	note(several, 'SEVERAL_FACES_IN_IMAGE', 'warning', `${inImage} ${compared}`);
	return {
		selfie,
		image,
		faceMatch: Math.max(0, ...matches),
		liveness: face ? Math.min(face.live, face.real) : 0,
		details,
	};
}
