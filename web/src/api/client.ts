/* client — calls of the HTTP API. Every failure is an ApiError whose `code` the screens translate; `offline` and
 * `timeout` are ours. The CSRF token of the session rides on every unsafe request. */

const WAIT_MS = 20_000;

export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly status = 0,
    readonly field = '',
    readonly retryMs = 0,
    /** Where several things are wrong at once: each of them. */
    readonly errors?: readonly unknown[],
  ) {
    super(code);
    this.name = 'ApiError';
  }
}

let csrf: string | null = null;

export function setCsrf(token: string | null): void {
  csrf = token;
}

async function problem(r: Response): Promise<ApiError> {
  let body: { error?: string; field?: string; retry_ms?: number; errors?: unknown[] } = {};
  try {
    body = (await r.json()) as typeof body;
  } catch {
    /* A proxy answered in its own words. */
  }
  const retryAfterMs = Number(r.headers.get('retry-after') ?? 0) * 1000;
  const code = body.error ?? (r.status === 404 ? 'not_found' : r.status >= 500 ? 'busy' : 'invalid');
  return new ApiError(code, r.status, body.field ?? '', body.retry_ms ?? retryAfterMs, body.errors);
}

async function send(method: string, path: string, body?: unknown, ticket?: string | null, more?: Record<string, string>): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', ...more };
  const raw = body instanceof Blob;
  if (body !== undefined) headers['Content-Type'] = raw ? 'application/octet-stream' : 'application/json';
  if (ticket) headers.Authorization = `Bearer ${ticket}`;
  if (csrf && method !== 'GET') headers['X-CSRF-Token'] = csrf;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), WAIT_MS);
  try {
    const r = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      signal: stop.signal,
      body: body === undefined ? undefined : raw ? body : JSON.stringify(body),
    });
    if (!r.ok) throw await problem(r);
    return r;
  } catch (e) {
    if (e instanceof ApiError) throw e;
    throw new ApiError(stop.signal.aborted ? 'timeout' : 'offline');
  } finally {
    clearTimeout(timer);
  }
}

async function json<T>(method: string, path: string, body?: unknown, ticket?: string | null, more?: Record<string, string>): Promise<T> {
  const r = await send(method, path, body, ticket, more);
  if (r.status === 204) return undefined as T;
  try {
    return (await r.json()) as T;
  } catch {
    throw new ApiError('busy', r.status);
  }
}

export const get = <T>(path: string, ticket?: string | null): Promise<T> => json<T>('GET', path, undefined, ticket);
export const post = <T>(path: string, body: unknown = {}, ticket?: string | null): Promise<T> => json<T>('POST', path, body, ticket);
export const putBytes = <T>(path: string, body: Blob, ticket?: string | null): Promise<T> => json<T>('PUT', path, body, ticket);
export const put = <T>(path: string, body: unknown): Promise<T> => json<T>('PUT', path, body);
export const patch = <T>(path: string, body: unknown): Promise<T> => json<T>('PATCH', path, body);
export const remove = <T = void>(path: string, ticket?: string | null): Promise<T> => json<T>('DELETE', path, undefined, ticket);

/** With a condition (RFC 9110 13): refused as `precondition` when the thing is not in the state meant. */
export const sendIf = <T>(method: string, path: string, body: unknown, condition: Record<string, string>): Promise<T> =>
  json<T>(method, path, body, null, condition);

export const postBytes = <T>(path: string, body: Blob): Promise<T> => json<T>('POST', path, body);

export async function bytes(path: string): Promise<ArrayBuffer> {
  return (await send('GET', path)).arrayBuffer();
}

export async function text(path: string): Promise<string> {
  return (await send('GET', path)).text();
}

export function query(fields: Record<string, string | number | undefined | null>): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(fields)) if (v !== undefined && v !== null && v !== '') q.set(k, String(v));
  const s = q.toString();
  return s ? `?${s}` : '';
}
