/** Says how proxies and managers that arrive are made. Apart from their classes, since some are of classes made of these. */
import { registerReachable } from '../wire/handoff.ts';
import { Administration } from './administration.ts';
import { MANAGER_KIND, type ManagerReference, publishName } from './base-manager.ts';
import { learnKey } from './client/link.ts';
import { proxyFor } from './make-proxy.ts';
import { PROXY_KIND } from './proxy.ts';
import type { Token } from './token.ts';

registerReachable<Token>(PROXY_KIND, (token) => proxyFor(token));

registerReachable<ManagerReference>(MANAGER_KIND, ({ managerClass, place, typeids, key }) => {
	if (key !== undefined) learnKey(place.address, key);
	for (const typeid of typeids) publishName(managerClass as never, typeid);
	return new managerClass(Administration.at(managerClass, place) as never);
});
