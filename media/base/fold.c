#include "media/base/fold.h"

uint32_t fold_next(struct str *s) {
    if (!s->n)
        return 0;
    uint8_t b = (uint8_t)s->p[0];
    size_t n = b < 0x80 ? 1 : b < 0xc2 ? 0 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : b < 0xf5 ? 4 : 0;
    uint32_t c = n == 1 ? b : b & (0x7f >> n);
    for (size_t i = 1; i < n; i++) {
        if (i >= s->n || ((uint8_t)s->p[i] & 0xc0) != 0x80) {
            n = 0;
            break;
        }
        c = c << 6 | ((uint8_t)s->p[i] & 0x3f);
    }
    /* RFC 3629 3: no overlong forms, no surrogates, nothing above U+10FFFF */
    static const uint32_t least[] = {0, 1, 0x80, 0x800, 0x10000};
    bool ok = n && c >= least[n] && (c < 0xd800 || c > 0xdfff) && c <= 0x10ffff;
    s->p += ok ? n : 1;
    s->n -= ok ? n : 1;
    return ok ? c : ' ';
}

size_t fold_put(char dst[4], uint32_t c) {
    if (c < 0x80) {
        dst[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        dst[0] = (char)(0xc0 | c >> 6);
        dst[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        dst[0] = (char)(0xe0 | c >> 12);
        dst[1] = (char)(0x80 | (c >> 6 & 0x3f));
        dst[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    dst[0] = (char)(0xf0 | c >> 18);
    dst[1] = (char)(0x80 | (c >> 12 & 0x3f));
    dst[2] = (char)(0x80 | (c >> 6 & 0x3f));
    dst[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

bool fold_is_apostrophe(uint32_t c) {
    return c == '\'' || c == '`' || c == 0x2019 || c == 0x2018 || c == 0x02bc || c == 0x00b4;
}

uint32_t fold_lower(uint32_t c) {
    if (c >= 'A' && c <= 'Z')
        return c + 32;
    if (c < 0xc0)
        return c;
    if (c <= 0xde)
        return c == 0xd7 ? c : c + 0x20;
    if ((c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
        return c + 0x20;
    if (c >= 0x400 && c <= 0x40f)
        return c + 0x50;
    /* In these blocks the capital is the even one of a pair, but for a stretch of Latin Extended-A. */
    if ((c >= 0x100 && c <= 0x12f) || (c >= 0x132 && c <= 0x137) || (c >= 0x14a && c <= 0x177) ||
        (c >= 0x460 && c <= 0x481) || (c >= 0x48a && c <= 0x4bf) || (c >= 0x4d0 && c <= 0x52f))
        return c | 1;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
        return c + (c & 1);
    return c;
}

/* A letter and the accent after it (Unicode's NFC for what a Mac types apart), or 0. */
static uint32_t compose(uint32_t c, uint32_t accent) {
    enum { BREVE = 0x306, DIAERESIS = 0x308 };
    if (accent == BREVE)
        return c == 0x438 ? 0x439 : c == 0x443 ? 0x45e : 0;
    if (accent == DIAERESIS)
        return c == 0x456 ? 0x457 : c == 0x435 ? 0x451 : 0;
    return 0;
}

static bool is_blank(uint32_t c) {
    return c <= ' ' || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f;
}

void fold_text(struct buf *dst, struct str text) {
    uint32_t c, held = 0; /* the last one, which an accent may still change */
    char utf8[4];
    while ((c = fold_next(&text))) {
        c = is_blank(c) ? ' ' : fold_is_apostrophe(c) ? '\'' : fold_lower(c);
        uint32_t both = compose(held, c);
        if (both) {
            held = both;
            continue;
        }
        if (c == ' ' && held == ' ')
            continue;
        if (held)
            buf_put(dst, utf8, fold_put(utf8, held));
        held = c;
    }
    if (held)
        buf_put(dst, utf8, fold_put(utf8, held));
}
