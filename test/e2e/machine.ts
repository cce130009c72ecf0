/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { constants, readdirSync, readFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { SetupError } from '../../tools/n8n/install';

/**
 * Finds a program from a Debian package.
 *
 * @param folders to search besides the PATH
 * @returns its path
 * @throws SetupError if it is not installed
 */
export async function findProgram(
	name: string,
	debianPackage: string,
	folders: string[] = [],
): Promise<string> {
	for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...folders]) {
		const path = join(folder, name);
		const found = await access(path, constants.X_OK).then(
			() => true,
			() => false,
		);
		if (found) return path;
	}
	const error = new SetupError(
		`There is no ${name} on this machine. On Debian: apt-get install ${debianPackage}`,
	);
	// jest prints the stack, but only the message matters to the reader
	error.stack = error.message;
	throw error;
}

/** IDs of all processes with this text, such as a folder name, in their environment. */
export function processesWith(text: string): string[] {
	return readdirSync('/proc').filter((pid) => {
		const file = join('/proc', pid, 'environ');
		try {
			return /^\d+$/.test(pid) && readFileSync(file, 'latin1').includes(text);
		} catch {
			// the process has ended
			return false;
		}
	});
}
