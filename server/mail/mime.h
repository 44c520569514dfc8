/* mime — a message as SMTP carries it (RFC 5322, 2045, 2047): headers that hold nothing but themselves
 * whatever text is put into them, bodies in base64. Pure. Limits: what the buffer holds. */
#ifndef MIME_H
#define MIME_H
#include "media/base/buf.h"

struct mime {
    const char *from_name, *from, *to_name, *to; /* addresses as mime_address_ok has them */
    const char *subject;
    const char *id; /* without <> */
    int64_t at_s;
    const char *text, *html;
    const char *calendar, *calendar_method; /* NULL: none */
    const char *unsubscribe;                /* an address that takes a POST (RFC 8058); NULL: none */
};

bool mime_address_ok(const char *z); /* ASCII atoms, an @, a host: what needs no quoting anywhere */
void mime_write(struct buf *out, const struct mime *m);

#endif
