/** Says how proxies and managers that arrive are made. Apart from their classes, since some are of classes made of these. */
import { registerReachable } from '../wire/handoff.ts';
import { Administration } from './administration.ts';
import { MANAGER_KIND, type ManagerReference } from './base-manager.ts';
import { proxyFor } from './make-proxy.ts';
import { PROXY_KIND } from './proxy.ts';
import type { Token } from './token.ts';

registerReachable<Token>(PROXY_KIND, (token) => proxyFor(token));

registerReachable<ManagerReference>(MANAGER_KIND, ({ managerClass, place }) => {
	return new managerClass(Administration.at(managerClass, place) as never);
});
