module.exports = {
	testEnvironment: 'node',
	roots: ['<rootDir>/test'],
	testMatch: ['**/*.test.ts'],
	// these need the real n8n: npm run test:e2e
	testPathIgnorePatterns: ['/node_modules/', '/test/e2e/'],
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'test/tsconfig.json', diagnostics: false }] },
	// n8n-core keeps its containers in module state: one worker a file, and a generous limit for a loaded machine
	testTimeout: 60_000,
	// jest leaves one core free, which on a machine with two is half of it
	maxWorkers: '100%',
};
