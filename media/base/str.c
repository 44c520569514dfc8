#include "media/base/str.h"
#include "media/base/err.h"

static unsigned char lower(char c) { return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c); }

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static struct str drop(struct str s, size_t n) { return n ? (struct str){s.p + n, s.n - n} : s; }

bool str_ieq(struct str a, struct str b) {
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

struct str str_trim(struct str s) {
    while (s.n && blank(s.p[0]))
        s = drop(s, 1);
    while (s.n && blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool str_until(struct str *s, char sep, struct str *out) {
    if (!s->n)
        return false;
    const char *at = memchr(s->p, sep, s->n);
    *out = (struct str){s->p, at ? (size_t)(at - s->p) : s->n};
    *s = drop(*s, out->n + (at ? 1 : 0));
    return true;
}

bool str_line(struct str *s, struct str *out) {
    if (!str_until(s, '\n', out))
        return false;
    if (out->n && out->p[out->n - 1] == '\r')
        out->n--;
    return true;
}

bool str_word(struct str *s, struct str *out) {
    while (s->n && blank(s->p[0]))
        *s = drop(*s, 1);
    size_t n = 0;
    while (n < s->n && !blank(s->p[n]))
        n++;
    *out = (struct str){s->p, n};
    *s = drop(*s, n);
    return n > 0;
}

int str_u64(struct str s, uint64_t max, uint64_t *out) {
    uint64_t v = 0;
    if (!s.n)
        return -ERR_INVALID;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';
        if (digit > 9 || v > (max - digit) / 10 || digit > max)
            return -ERR_INVALID;
        v = v * 10 + digit;
    }
    *out = v;
    return 0;
}

int str_index(struct str s, const char *const names[], size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_is(s, names[i]))
            return (int)i;
    return -ERR_INVALID;
}

bool str_copy(char *dst, size_t cap, struct str s) {
    if (!cap)
        return false;
    dst[0] = 0;
    if (s.n >= cap)
        return false;
    if (s.n)
        memcpy(dst, s.p, s.n);
    dst[s.n] = 0;
    return true;
}

/* RFC 3629 section 4: the well-formed sequences. Length of the one at p, or 0. */
static size_t utf8_len(const unsigned char *p, size_t n) {
    unsigned char c = p[0];
    if (c < 0x80)
        return c ? 1 : 0;
    size_t len = c >= 0xc2 && c <= 0xdf ? 2 : (c & 0xf0) == 0xe0 ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
    if (!len || len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    /* Overlong forms, surrogates (U+D800-DFFF) and values past U+10FFFF. */
    if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f) || (c == 0xf0 && p[1] < 0x90) ||
        (c == 0xf4 && p[1] > 0x8f))
        return 0;
    return len;
}

bool str_utf8_ok(struct str s) {
    for (size_t i = 0; i < s.n;) {
        size_t len = utf8_len((const unsigned char *)s.p + i, s.n - i);
        if (!len)
            return false;
        i += len;
    }
    return true;
}
