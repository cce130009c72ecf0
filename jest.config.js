const { availableParallelism } = require('node:os');

module.exports = {
	testEnvironment: 'node',
	roots: ['<rootDir>/test'],
	testMatch: ['**/*.test.ts'],
	// these need the real n8n: npm run test:e2e
	testPathIgnorePatterns: ['/node_modules/', '/test/e2e/'],
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'test/tsconfig.json', diagnostics: false }] },
	// n8n-core keeps its containers in module state: one worker a file, and a generous limit for a loaded machine
	testTimeout: 60_000,
	// many tests wait for a server or a clock, and jest itself would leave one core free
	maxWorkers: Math.ceil(availableParallelism() * 1.5),
};
