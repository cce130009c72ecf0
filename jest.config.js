const { availableParallelism } = require('node:os');

module.exports = {
	testEnvironment: 'node',
	roots: ['<rootDir>/test'],
	testMatch: ['**/*.test.ts'],
	// npm run test:slow, and npm run test:e2e on the real n8n
	testPathIgnorePatterns: ['/node_modules/', '\\.slow\\.test\\.ts$', '/test/e2e/'],
	transform: { '^.+\\.ts$': '@swc/jest' },
	// generous, for a busy machine
	testTimeout: 60_000,
	// many tests wait for a server or a clock, and jest's default leaves one core idle
	maxWorkers: Math.ceil(availableParallelism() * 1.5),
};
