#include "server/http/head.h"

#include <ctype.h>
#include <string.h>

#include "media/base/str.h"

enum state { METHOD, ADDRESS, VERSION, NAME, VALUE, BODY, FRAME, FRAME_LENGTH };
enum {
    METHOD_MAX = 16,
    FRAME_MASKED = 0x80,
    FRAME_LENGTH_BITS = 0x7f,
    FRAME_MASK_BYTES = 4,
    COST_BEGIN = 64
};

static void next_request(struct head *h) {
    *h = (struct head){.state = METHOD, .has_request = h->has_request, .cost = COST_BEGIN, .names = h->names};
}

void head_init(struct head *h, const struct head_names *names) {
    *h = (struct head){.state = METHOD, .cost = COST_BEGIN, .names = names};
}
bool head_is_socket(const struct head *h) { return h->state == FRAME || h->state == FRAME_LENGTH; }
bool head_has_request(const struct head *h) { return h->has_request; }

static enum head_fault part(struct head *h) {
    if (++h->parts <= HEAD_PARTS_MAX)
        return HEAD_FINE;
    return h->state == ADDRESS ? HEAD_ADDRESS_LONG : HEAD_FIELDS_LONG;
}

static bool is_name(const struct head *h, const char *name) {
    return strlen(name) == h->name_n && !memcmp(h->name, name, h->name_n);
}

/* It is longer than a word that has no end. */
static bool is_mistaken(const struct head *h) {
    for (size_t i = 0; i < h->names->n; i++) {
        const char *word = h->names->v[i];
        size_t n = strlen(word);
        if (n < h->name_n && word[n - 1] != ':' && word[n - 1] != ' ' && !memcmp(word, h->name, n))
            return true;
    }
    return false;
}

/* Methods are capitals (libwebsockets takes small letters, too). Stray line ends before a request are let be
 * (RFC 9112 2.2). */
static enum head_fault in_method(struct head *h, uint8_t c) {
    if (isupper(c) && h->name_n < METHOD_MAX) {
        h->name[h->name_n++] = (char)tolower(c);
        return HEAD_FINE;
    }
    if (!h->name_n)
        return c == '\r' || c == '\n' ? HEAD_FINE : HEAD_REQUEST;
    bool is_fine = c == ' ' && !is_mistaken(h) && !is_name(h, "proxy"); /* the word of another protocol */
    h->name_n = 0;
    h->state = ADDRESS;
    return is_fine ? HEAD_FINE : HEAD_REQUEST;
}

static enum head_fault in_address(struct head *h, uint8_t c) {
    bool is_end = c == ' ' || c == '\r' || c == '\n';
    if (!h->name_n && c != '/')
        return HEAD_ADDRESS;
    if (h->hex && !isxdigit(c))
        return HEAD_ADDRESS;
    if (is_end) {
        h->state = VERSION;
        h->name_n = h->value_n = 0;
        return c == ' ' ? HEAD_FINE : HEAD_REQUEST;
    }
    h->name_n = 1;
    h->is_zero = c == '%' || (h->hex && h->is_zero && c == '0');
    h->hex = (uint8_t)(h->hex ? h->hex - 1 : c == '%' ? 2 : 0);
    if (!c || (h->is_zero && !h->hex))
        return HEAD_ADDRESS;
    h->is_query |= c == '?';
    return h->is_query && (c == '&' || c == ';') ? part(h) : HEAD_FINE;
}

/* RFC 9112 2.3: "HTTP/" and two digits with a point between. A line without it would be HTTP/0.9; what HTTP/1
 * is to come is taken for 1.1 (RFC 9110 2.5). */
static enum head_fault version_over(struct head *h) {
    struct str v = {h->value, h->value_n};
    if (v.n && v.p[v.n - 1] == '\r')
        v.n--;
    bool is_version = v.n == 8 && !memcmp(v.p, "HTTP/", 5) && isdigit((uint8_t)v.p[5]) && v.p[6] == '.' &&
                      isdigit((uint8_t)v.p[7]);
    if (!is_version)
        return HEAD_REQUEST;
    if (v.p[5] != '1')
        return HEAD_VERSION;
    h->has_request = true;
    h->state = NAME;
    h->name_n = h->value_n = 0;
    return HEAD_FINE;
}

static enum head_fault in_version(struct head *h, uint8_t c) {
    if (c == '\n')
        return version_over(h);
    if (h->value_n < HEAD_VALUE_MAX)
        h->value[h->value_n++] = (char)c;
    return HEAD_FINE;
}

/* What tells where this request ends. */
static enum head_fault field_over(struct head *h) {
    struct str v = str_trim((struct str){h->value, h->value_n});
    if (is_name(h, "transfer-encoding"))
        return HEAD_LENGTH;
    if (is_name(h, "upgrade")) {
        h->is_upgrade = str_ieq(v, STR("websocket"));
        if (!h->is_upgrade)
            return HEAD_UPGRADE;
    }
    if (is_name(h, "content-length")) {
        if (h->has_length || h->value_n == HEAD_VALUE_MAX || str_u64(v, INT64_MAX, &h->left))
            return HEAD_LENGTH;
        h->has_length = true;
    }
    h->name_n = h->value_n = 0;
    h->is_cr = false;
    h->state = NAME;
    return HEAD_FINE;
}

/* What upgrades has no body. */
static enum head_fault head_over(struct head *h) {
    if (h->is_upgrade && h->left)
        return HEAD_FIELD;
    if (h->is_upgrade)
        h->state = FRAME;
    else if (h->left)
        h->state = BODY;
    else
        next_request(h);
    return HEAD_FINE;
}

static bool is_token(uint8_t c) { return isalnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c)); }

/* The name is whole. */
static bool hides_next(const struct head *h) {
    bool is_begin = false;
    for (size_t i = 0; h->name_n < HEAD_NAME_MAX && i < h->names->n; i++) {
        const char *word = h->names->v[i];
        if (word[0] != h->name[0] || strncmp(word, h->name, h->name_n) != 0)
            continue;
        if (word[h->name_n] == ':')
            return false;
        is_begin = true;
    }
    return is_begin;
}

static enum head_fault in_name(struct head *h, uint8_t c) {
    if (c == '\n' && !h->name_n) {
        return head_over(h);
    } else if (c == '\r' && !h->name_n && !h->is_cr) {
        h->is_cr = true;
    } else if (h->is_cr) {
        return HEAD_FIELD;
    } else if (c == ':' && h->name_n) {
        h->state = VALUE;
        h->cost += HEAD_LINE_COST;
        return hides_next(h) || is_mistaken(h) ? HEAD_FIELD : part(h);
    } else if (!is_token(c)) {
        return HEAD_FIELD;
    } else if (h->name_n < HEAD_NAME_MAX) {
        h->name[h->name_n++] = (char)tolower(c);
    }
    return HEAD_FINE;
}

static enum head_fault in_value(struct head *h, uint8_t c) {
    if (c == '\n')
        return field_over(h);
    if (h->is_cr || !c)
        return HEAD_FIELD;
    h->is_cr = c == '\r';
    bool is_lead = !h->value_n && (c == ' ' || c == '\t');
    if (!h->is_cr && !is_lead && h->value_n < HEAD_VALUE_MAX)
        h->value[h->value_n++] = (char)c;
    return HEAD_FINE;
}

/* RFC 6455 5.2: two bytes, the rest of the length, a mask, the payload; only the first and the length matter.
 */
static enum head_fault in_frame(struct head *h, uint8_t c) {
    if (h->state == FRAME) {
        h->state = FRAME_LENGTH;
        h->name_n = 0;
        return HEAD_FINE;
    }
    if (!h->name_n) {
        unsigned length = c & FRAME_LENGTH_BITS;
        if (!(c & FRAME_MASKED))
            return HEAD_UNMASKED;
        h->name_n = length < 126 ? 1 : length == 126 ? 3 : 9;
        h->left = length < 126 ? length : 0;
    } else {
        h->left = h->left << 8 | c;
    }
    if (--h->name_n)
        return HEAD_FINE;
    h->left += FRAME_MASK_BYTES;
    h->state = FRAME;
    return HEAD_FINE;
}

static enum head_fault take(struct head *h, uint8_t c) {
    if (h->state <= VALUE && ++h->cost > HEAD_MAX)
        return h->state <= ADDRESS ? HEAD_ADDRESS_LONG : HEAD_FIELDS_LONG;
    switch ((enum state)h->state) {
    case METHOD:
        return in_method(h, c);
    case ADDRESS:
        return in_address(h, c);
    case VERSION:
        return in_version(h, c);
    case NAME:
        return in_name(h, c);
    case VALUE:
        return in_value(h, c);
    case FRAME:
    case FRAME_LENGTH:
        return in_frame(h, c);
    case BODY:
        break;
    }
    return HEAD_FINE;
}

enum head_fault head_feed(struct head *h, const uint8_t *p, size_t n) {
    while (n && !h->fault) {
        if (h->left && (h->state == BODY || h->state == FRAME)) {
            size_t skip = h->left < n ? (size_t)h->left : n;
            h->left -= skip;
            p += skip;
            n -= skip;
            if (!h->left && h->state == BODY)
                next_request(h);
            continue;
        }
        h->fault = take(h, *p++);
        n--;
    }
    return h->fault;
}
