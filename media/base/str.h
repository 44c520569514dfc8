/* str — views of text and bytes that someone else owns, and bounded token readers over them.
 * Pure, no allocation. A view is not NUL-terminated. */
#ifndef STR_H
#define STR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};
struct bytes {
    const uint8_t *p;
    size_t n;
};

#define STR(lit) ((struct str){(lit), sizeof(lit) - 1})
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p
#define countof(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

static inline struct str str_of(const char *z) { return (struct str){z ? z : "", z ? strlen(z) : 0}; }
static inline bool str_eq(struct str a, struct str b) {
    return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}
static inline bool str_is(struct str a, const char *z) { return str_eq(a, str_of(z)); }
static inline bool str_starts(struct str a, struct str b) {
    return a.n >= b.n && (!b.n || !memcmp(a.p, b.p, b.n));
}
bool str_ieq(struct str a, struct str b); /* ASCII case folded */
struct str str_trim(struct str s);        /* ASCII blanks off both ends */

/* Take text up to `sep` (consumed, not returned) or the end. False only when *s is empty on entry. */
bool str_until(struct str *s, char sep, struct str *out);
/* Take one line, without its CRLF or LF. False at the end. */
bool str_line(struct str *s, struct str *out);
/* Take a blank-separated word. False when none is left. */
bool str_word(struct str *s, struct str *out);
/* Whole view as an unsigned decimal <= max. -ERR_INVALID otherwise; *out untouched then. */
int str_u64(struct str s, uint64_t max, uint64_t *out);

/* Which of the n names it is, or -ERR_INVALID. */
int str_index(struct str s, const char *const names[], size_t n);

/* Copy into a fixed array, always NUL-terminated. False if it did not fit (then dst is ""). */
bool str_copy(char *dst, size_t cap, struct str s);
#define STR_COPY(arr, s) str_copy((arr), sizeof(arr), (s))
bool str_utf8_ok(struct str s); /* well-formed UTF-8 (RFC 3629) without NUL */

#endif
