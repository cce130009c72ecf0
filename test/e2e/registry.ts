/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { cleanEnvironment, mustRun } from '../../tools/n8n/processes';
import { selfSignedCertificate } from '../fixtures/certificate';
import { listening } from './start';

const ROOT = resolve(__dirname, '..', '..');
const HOST = ['registry', 'npmjs', 'org'].join('.');
const NAME = 'n8n-nodes-kairos';

/** npm's public registry as n8n and its npm see it, with this package in two versions. */
export interface Registry {
	/** Leads n8n and its npm here through a proxy, which refuses everything else. */
	env: NodeJS.ProcessEnv;
	/** The same for npm's folder, because n8n 1.123 looks for updates without its environment. */
	npmrc: string;
	/** The version that is the latest. */
	latest: string;
	close(): void;
}

/**
 * Starts it on 127.0.0.1. n8n takes another registry only with a licence, so this one answers under the name of the
 * public one.
 *
 * @param versions the built package under these versions, and what changes in its node's code
 */
export async function startRegistry(
	versions: Record<string, (code: string) => string>,
): Promise<Registry> {
	const folder = mkdtempSync(join(tmpdir(), 'kairos-registry-'));
	const tarballs = new Map<string, Buffer>();
	const manifests: Record<string, object> = {};
	for (const [version, change] of Object.entries(versions)) {
		const path = `/${NAME}/-/${NAME}-${version}.tgz`;
		const { manifest, tarball } = await pack(join(folder, version), version, change);
		const hash = (name: string) => createHash(name).update(tarball);
		tarballs.set(path, tarball);
		const integrity = `sha512-${hash('sha512').digest('base64')}`;
		const dist = {
			tarball: `https://${HOST}${path}`,
			integrity,
			shasum: hash('sha1').digest('hex'),
		};
		manifests[version] = { ...manifest, dist };
	}

	const { key, cert } = selfSignedCertificate(1, HOST);
	const certificate = join(folder, 'certificate.pem');
	writeFileSync(certificate, cert);
	const registry: Registry = { env: {}, npmrc: '', latest: '', close: () => {} };
	const site = createHttpsServer({ key, cert }, ({ url = '' }, response) => {
		const wanted = url === `/${NAME}/latest` ? registry.latest : url.slice(NAME.length + 2);
		const document = { name: NAME, 'dist-tags': { latest: registry.latest }, versions: manifests };
		const body = tarballs.get(url) ?? (url === `/${NAME}` ? document : manifests[wanted]);
		if (!body) response.writeHead(404);
		response.end(Buffer.isBuffer(body) ? body : JSON.stringify(body ?? {}));
	});
	const refuse: RequestListener = (_request, response) => response.writeHead(403).end();
	const proxy = createServer(refuse).on('connect', ({ url }, socket) => {
		socket.on('error', () => {});
		if (url !== `${HOST}:443`) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
		socket.write('HTTP/1.1 200 Connected\r\n\r\n');
		return site.emit('connection', socket);
	});
	const { url: address, close } = await listening(proxy);
	const settings = Object.entries({
		...{ registry: `https://${HOST}/`, 'https-proxy': address, 'strict-ssl': 'false' },
		...{ cache: join(folder, 'cache'), 'update-notifier': 'false' },
	});
	registry.close = () => {
		close();
		rmSync(folder, { recursive: true, force: true });
	};
	registry.npmrc = settings.map(([name, value]) => `${name}=${value}\n`).join('');
	registry.env = {
		...{ HTTPS_PROXY: address, NO_PROXY: '127.0.0.1,localhost', NODE_EXTRA_CA_CERTS: certificate },
		...Object.fromEntries(
			settings.map(([name, value]) => [`npm_config_${name.replaceAll('-', '_')}`, value]),
		),
	};
	return registry;
}

/** "npm pack" of the built package, as another version. */
async function pack(folder: string, version: string, change: (code: string) => string) {
	mkdirSync(folder, { recursive: true });
	cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
	const manifest = { ...JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')), version };
	writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
	const node = join(folder, manifest.n8n.nodes[0]);
	writeFileSync(node, change(readFileSync(node, 'utf8')));
	const options = { logFile: join(folder, 'log'), env: cleanEnvironment(), cwd: folder };
	await mustRun('npm', ['pack', '--ignore-scripts'], options);
	return { manifest, tarball: readFileSync(join(folder, `${NAME}-${version}.tgz`)) };
}
