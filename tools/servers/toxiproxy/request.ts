/** Sends a request to the API of a Toxiproxy and gives the body; rejects when it is refused. */
export async function request(
  address: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<string> {
  const response = await fetch(`http://${address}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`toxiproxy: ${method} ${path}: ${response.status} ${text.trim()}`);
  return text;
}
