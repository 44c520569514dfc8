#include "server/http/refusal.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <sys/socket.h>

#include "media/base/err.h"
#include "server/http/api.h"

enum { TEXT_MAX = 1024 };

int refusal_send(struct lws *wsi, int err, const char *text) {
    uint8_t room[LWS_PRE + TEXT_MAX];
    struct reply r;
    reply_init(&r);
    api_error(&r, err, NULL, text, 0);
    int n =
        snprintf((char *)room + LWS_PRE, TEXT_MAX,
                 "HTTP/1.1 %d %s\r\nserver: somhub\r\ncontent-type: %s\r\ncache-control: no-store\r\n"
                 "x-content-type-options: nosniff\r\nreferrer-policy: same-origin\r\nconnection: close\r\n"
                 "content-length: %zu\r\n\r\n%.*s",
                 r.status, err_text(err), r.type, r.body.n, (int)r.body.n, (const char *)r.body.p);
    reply_fini(&r);
    if (n >= TEXT_MAX || lws_write(wsi, room + LWS_PRE, (size_t)n, LWS_WRITE_HTTP) < n)
        return -1;
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, REFUSAL_READ_S);
    if (!lws_is_ssl(wsi) && !lws_partial_buffered(wsi))
        shutdown(lws_get_socket_fd(wsi), SHUT_WR);
    return 0;
}
