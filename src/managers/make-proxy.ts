/** The proxy that a token stands for: here, where its object is, the one that there is; anywhere else a new one. */
import { RemoteHandle } from './client/remote-handle.ts';
import { proxyClass } from './proxy-class.ts';
import { serverNamed } from './server/server.ts';
import type { Token } from './token.ts';

export function proxyFor(token: Token): object {
	const server = serverNamed(token.server);
	const entry = server?.objects.find(token.object);
	if (server !== undefined && entry !== undefined) return server.proxyOf(entry);
	return new (proxyClass(token.type))(new RemoteHandle(token));
}
