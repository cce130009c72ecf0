module.exports = {
	testEnvironment: 'node',
	roots: ['<rootDir>/test'],
	testMatch: ['**/*.test.ts'],
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'test/tsconfig.json', diagnostics: false }] },
	// n8n-core keeps its containers in module state: one worker a file, and a generous limit for a loaded machine
	testTimeout: 60_000,
};
