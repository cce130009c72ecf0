import type { Orientation, Size } from '../shared/picture';
import { haveSameProportions } from '../shared/picture';
import type { AnsweredPicture, FaceBox } from '../shared/answer';

/** A face's position, in pixels of the picture as shown. */
export interface Box extends Size {
	x: number;
	y: number;
}

export interface ShownFaces {
	/** The picture as shown, rotated by its orientation; null if no size is known. */
	size: Size | null;
	/** One for each face that Kairos lists; null if it is not inside the picture. */
	boxes: Array<Box | null>;
	/** Whether it is certain that Kairos counted its pixels this way. */
	certain: boolean;
}

/**
 * Where a point of the stored picture is shown, for the EXIF orientations that swap the sides (CIPA
 * DC-008).
 */
const TURNS: Partial<
	Record<Orientation, (x: number, y: number, stored: Size) => [x: number, y: number]>
> = {
	5: (x, y) => [y, x],
	6: (x, y, { height }) => [height - y, x],
	7: (x, y, { width, height }) => [height - y, width - x],
	8: (x, y, { width }) => [y, width - x],
};

/**
 * Places the boxes of Kairos' faces on the picture as a browser shows it, that is, rotated by its
 * orientation.
 *
 * It is not published whether Kairos rotates a picture before it looks for faces. If the sides
 * swap, the size in its answer tells. If they do not swap or are equal, the picture as shown is
 * assumed, and `certain` is false. The same goes if Kairos' size has other proportions.
 *
 * @param stored the size in the file, before any rotation; null if not known
 */
export function showFaces(
	stored: Size | null,
	orientation: Orientation,
	answered: AnsweredPicture,
): ShownFaces {
	const seen = sizeIn(answered);
	const turn = TURNS[orientation];
	const shown = stored && turn ? { width: stored.height, height: stored.width } : stored;
	const size = shown ?? seen;
	const faces = answered.faces ?? [];
	if (size === null || orientation === 'turned') {
		return { size, boxes: faces.map(() => null), certain: false };
	}
	const tells =
		stored !== null && seen !== null && turn !== undefined && !haveSameProportions(stored, size);
	const seenAsStored = tells && haveSameProportions(seen, stored);
	const boxes = faces.map((face) => {
		const space = seenAsStored ? stored : size;
		const box = scaled(face, seen ?? space, space);
		return box && clipped(seenAsStored ? turned(box, stored, turn) : box, size);
	});
	const fits = seen === null || haveSameProportions(seen, size);
	const certain = seenAsStored || (fits && (orientation === 1 || tells));
	return { size, boxes, certain };
}

function sizeIn({ width, height }: AnsweredPicture): Size | null {
	return width !== null && height !== null && width > 0 && height > 0 ? { width, height } : null;
}

function scaled({ x, y, width, height }: FaceBox, from: Size, to: Size): Box | null {
	if (x === null || y === null || width === null || height === null) return null;
	const [across, down] = [to.width / from.width, to.height / from.height];
	return { x: x * across, y: y * down, width: width * across, height: height * down };
}

function turned(
	{ x, y, width, height }: Box,
	stored: Size,
	turn: (x: number, y: number, stored: Size) => [number, number],
): Box {
	const [left, top] = turn(x, y, stored);
	const [right, bottom] = turn(x + width, y + height, stored);
	return {
		x: Math.min(left, right),
		y: Math.min(top, bottom),
		width: Math.abs(right - left),
		height: Math.abs(bottom - top),
	};
}

/** The part inside the picture, to a tenth of a pixel; null where there is none. */
function clipped(box: Box, size: Size): Box | null {
	const within = (value: number, most: number) =>
		Math.round(Math.min(Math.max(value, 0), most) * 10) / 10;
	const [x, y] = [within(box.x, size.width), within(box.y, size.height)];
	const width = within(box.x + box.width, size.width) - x;
	const height = within(box.y + box.height, size.height) - y;
	return width > 0 && height > 0 ? { x, y, width, height } : null;
}
