// What an answer of fetch sets: Node 18, which Debian 12 has, knows no Headers.getSetCookie.

/** Each Set-Cookie as it was sent. */
export const setCookies = (answer) => (answer.headers.get('set-cookie') ?? '').split(/, (?=[^;,= ]+=)/).filter(Boolean)

/** The same, to be sent back as Cookie. */
export const cookies = (answer) => setCookies(answer).map((c) => c.split(';')[0]).join('; ')
