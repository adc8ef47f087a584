import { once } from 'node:events';
import { createServer } from 'node:net';
import { serverNames, ServerStartError, startServer } from '@holdfast-tools/servers';
import { describeWithServers } from '@holdfast-tools/servers/vitest';
import { expect, test } from 'vitest';
import { findFreePort, saysPortIsTaken } from '../../src/free-port.ts';

for (const name of serverNames) {
  describeWithServers([name], `${name} on a port that is taken`, () => {
    test('does not take the server of somebody else for its own, and tells', async () => {
      const port = await findFreePort();
      const other = createServer().listen(port, '127.0.0.1');
      await once(other, 'listening');
      const error: unknown = await startServer(name, { port }).catch((caught: unknown) => caught);
      other.close();
      expect(error).toBeInstanceOf(ServerStartError);
      expect(saysPortIsTaken((error as ServerStartError).logs)).toBe(true);
    });
  });
}
