import { describe, expect, test } from 'vitest';
import { parseListening, saysPortIsTaken } from '../src/free-port.ts';

describe('parseListening', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:4650 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1152 1 0 100 0
   1: 0100007F:4650 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 1153 1 0 100 0
   2: 0100007F:4651 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1154 1 0 100 0
`;

  test('gives the sockets that listen on the port, and not its connections', () => {
    expect(parseListening(table, 0x4650)).toEqual(['1152']);
  });

  test('gives none for a port without a listener', () => {
    expect(parseListening(table, 80)).toEqual([]);
  });
});

test.each([
  '# Warning: Could not create server TCP listening socket 127.0.0.1:6379: bind: Address already in use',
  'listen tcp 127.0.0.1:8474: bind: address already in use',
  'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use',
  'Web server failed to start. Port 8888 was already in use.',
])('takes for a port that is taken: %s', (line) => {
  expect(saysPortIsTaken(`Starting\n${line}\n`)).toBe(true);
});

test('takes nothing else for a port that is taken', () => {
  expect(saysPortIsTaken('Bad directive: port\nReady to accept connections')).toBe(false);
});
