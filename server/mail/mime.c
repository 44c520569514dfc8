#include "server/mail/mime.h"

#include <stdio.h>
#include <time.h>

#include "media/base/base64.h"

bool mime_address_ok(const char *z) {
    static const char atom[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~.";
    size_t local = strspn(z, atom), host;
    if (!local || local > 64 || z[local] != '@')
        return false;
    host = strspn(z + local + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.");
    return host && z[local + 1 + host] == 0 && z[local + 1] != '.' && z[local + host] != '.';
}

/* RFC 2047: "An 'encoded-word' may not be more than 75 characters long": 45 bytes are 60 of base64. Words
 * hold whole characters; control characters are left out, so that no value ever ends its line. */
static void put_words(struct buf *out, const char *z) {
    enum { WORD_BYTES = 42 };
    uint8_t word[WORD_BYTES];
    char text[BASE64_BYTES(WORD_BYTES)];
    size_t n = 0;
    bool first = true;
    while (*z || n) {
        size_t k = *z ? 1 : 0;
        while (k && ((uint8_t)z[k] & 0xc0) == 0x80)
            k++;
        if (k == 1 && ((uint8_t)*z < 0x20 || *z == 0x7f)) {
            z++;
            continue;
        }
        if (n + k > WORD_BYTES || !k) {
            (void)base64_write(text, sizeof text, (struct bytes){word, n});
            buf_printf(out, "%s=?UTF-8?B?%s?=", first ? "" : "\r\n ", text);
            first = false;
            n = 0;
        }
        if (k > WORD_BYTES)
            k = WORD_BYTES; /* no character is that long: not UTF-8 */
        memcpy(word + n, z, k);
        n += k;
        z += k;
    }
}

static void put_mailbox(struct buf *out, const char *header, const char *name, const char *address) {
    buf_printf(out, "%s: ", header);
    if (name && name[0]) {
        put_words(out, name);
        buf_z(out, "\r\n ");
    }
    buf_printf(out, "<%s>\r\n", address);
}

static void put_body(struct buf *out, const char *z) {
    enum { LINE_BYTES = 57 }; /* 76 characters, RFC 2045 6.8 */
    char text[BASE64_BYTES(LINE_BYTES)];
    for (size_t n = strlen(z), at = 0; at < n; at += LINE_BYTES) {
        size_t k = n - at < LINE_BYTES ? n - at : LINE_BYTES;
        (void)base64_write(text, sizeof text, (struct bytes){(const uint8_t *)z + at, k});
        buf_printf(out, "%s\r\n", text);
    }
}

static void put_part(struct buf *out, const char *boundary, const char *type, const char *body) {
    buf_printf(out, "--%s\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
               boundary, type);
    put_body(out, body);
}

/* RFC 5322 3.3, in UTC. strftime's names would be those of the server's language. */
static void put_date(struct buf *out, int64_t at_s) {
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t t = (time_t)at_s;
    struct tm tm;
    gmtime_r(&t, &tm);
    buf_printf(out, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday,
               months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void mime_write(struct buf *out, const struct mime *m) {
    char boundary[64], type[64];
    snprintf(boundary, sizeof boundary, "=_somhub_%lld", (long long)m->at_s);
    put_mailbox(out, "From", m->from_name, m->from);
    put_mailbox(out, "To", m->to_name, m->to);
    buf_z(out, "Subject: ");
    put_words(out, m->subject);
    buf_printf(out, "\r\nMessage-ID: <%s>\r\n", m->id);
    put_date(out, m->at_s);
    buf_z(out,
          "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n"); /* RFC 3834: no answers by machines */
    if (m->unsubscribe)
        buf_printf(out, "List-Unsubscribe: <%s>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
                   m->unsubscribe);
    buf_printf(out, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n", boundary);
    put_part(out, boundary, "text/plain", m->text);
    put_part(out, boundary, "text/html", m->html);
    if (m->calendar) {
        snprintf(type, sizeof type, "text/calendar; method=%.10s", m->calendar_method);
        put_part(out, boundary, type, m->calendar);
    }
    buf_printf(out, "--%s--\r\n", boundary);
}
