import type { IExecuteFunctions } from 'n8n-workflow';

import { failures } from '../../messages/failures';
import type { Failure } from '../../shared/failure';
import { LABELS } from '../../shared/options';
import { ParameterReader } from '../common/parameters';

/** The units of a wait, in milliseconds. */
const MS_PER_UNIT = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 };

/** Ten years. */
const MAX_WAIT_DAYS = 3650;

/**
 * Reads how long to wait, from the parameters of the first item.
 *
 * @returns when to stop waiting; null for never
 */
export function readWaitEnd(context: IExecuteFunctions): Date | null | Failure {
	const reader = new ParameterReader(context, 0);
	if (!reader.flag('limitWaitTime', true)) return null;
	const amount = reader.value('resumeAmount', LABELS.resumeAmount, null);
	const unit = reader.value('resumeUnit', LABELS.resumeAmount, null);
	const msPerUnit = Object.entries(MS_PER_UNIT).find(([name]) => name === unit)?.[1] ?? 0;
	const ms = typeof amount === 'number' ? amount * msPerUnit : 0;
	if (!(ms > 0 && ms <= MAX_WAIT_DAYS * MS_PER_UNIT.days)) {
		reader.fail(failures.waitTimeInvalid(LABELS.resumeAmount, MAX_WAIT_DAYS));
	}
	return reader.failure ?? new Date(Date.now() + ms);
}
