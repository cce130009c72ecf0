const { rm } = require('node:fs/promises');
const { dest, src } = require('gulp');

/** Empties the build folder, so that nothing deleted from the source stays in the package. */
async function clean() {
	await rm('dist', { recursive: true, force: true });
}

/** Copies what the compiler leaves out: icons, codex and output schema. */
function assets() {
	return src(['nodes/**/*.{svg,json}', 'credentials/**/*.svg'], {
		base: '.',
		encoding: false,
	}).pipe(dest('dist'));
}

exports.clean = clean;
exports.assets = assets;
