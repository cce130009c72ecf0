const { availableParallelism } = require('node:os');

module.exports = {
	testEnvironment: 'node',
	roots: ['<rootDir>/test'],
	testMatch: ['**/*.test.ts'],
	// these need the real n8n: npm run test:e2e
	testPathIgnorePatterns: ['/node_modules/', '/test/e2e/'],
	transform: { '^.+\\.ts$': '@swc/jest' },
	// n8n-core keeps its containers in module state: one worker per file, and a generous limit for a
	// busy machine
	testTimeout: 60_000,
	// many tests wait for a server or a clock, and jest's default leaves one core idle
	maxWorkers: Math.ceil(availableParallelism() * 1.5),
};
