/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A local mail server that delivers nothing. */
export interface MailServer {
	port: number;
	/** The texts of all messages, newest last. */
	messages: string[];
	close(): Promise<void>;
}

/** Starts it on 127.0.0.1. It accepts every message, without encryption or password. */
export async function startMailServer(): Promise<MailServer> {
	const messages: string[] = [];
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		socket.on('error', () => undefined);
		let received = '';
		let inData = false;
		socket.write('220 ready\r\n');
		socket.on('data', (chunk) => {
			received += chunk.toString('latin1');
			for (;;) {
				const end = received.indexOf(inData ? '\r\n.\r\n' : '\r\n');
				if (end < 0) return;
				const text = received.slice(0, end);
				received = received.slice(end + (inData ? 5 : 2));
				if (inData) {
					messages.push(bodyOf(text));
					inData = false;
					socket.write('250 taken\r\n');
				} else if (/^DATA/i.test(text)) {
					inData = true;
					socket.write('354 go on\r\n');
				} else {
					socket.write(/^QUIT/i.test(text) ? '221 bye\r\n' : '250 ok\r\n');
				}
			}
		});
	});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	return {
		port: (server.address() as AddressInfo).port,
		messages,
		async close() {
			const closed = new Promise((done) => server.close(done));
			for (const socket of sockets) socket.destroy();
			await closed;
		},
	};
}

/** The text of a single-part message. */
function bodyOf(message: string): string {
	const [head = '', ...body] = message.split('\r\n\r\n');
	const text = body.join('\r\n\r\n');
	if (!/quoted-printable/i.test(head)) return text;
	return text
		.replace(/=\r\n/g, '')
		.replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}
