/** The server is not installed on this machine. Its message has the command that installs it. */
export class ServerMissingError extends Error {
  override readonly name = 'ServerMissingError';
  /** The name of the server that is missing. */
  readonly server: string;

  constructor(server: string) {
    super(`the server "${server}" is not installed here: ${installCommand([server])}`);
    this.server = server;
  }
}

/** The server ended or did not get ready; its last lines are in the message. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError';
  /** All that the server had to say. */
  readonly logs: string;

  constructor(server: string, reason: string, logs: string) {
    super(`${server} ${reason}\n${lastLines(logs, 30)}`);
    this.logs = logs;
  }
}

/** The command that installs servers. */
export function installCommand(names: readonly string[]): string {
  return `npm run servers -- install ${names.join(' ')}`;
}

/** The end of a log, each line set off. */
export function lastLines(logs: string, count: number): string {
  const lines = logs.trimEnd().split('\n');
  const left = lines.slice(-count).map((line) => `  | ${line}`);
  return [...(lines.length > count ? [`  | ... ${lines.length - count} more`] : []), ...left].join(
    '\n',
  );
}
