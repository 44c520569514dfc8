/* web — the listening socket and the libwebsockets context, riding on the control thread's libuv loop: HTTP
 * and WebSocket on one port, TLS when told. Thread: control. */
#ifndef WEB_H
#define WEB_H
#include <stdbool.h>
#include <stdint.h>

struct uv_loop_s;
struct http;
struct ws;
struct web;
struct web_cfg {
    struct uv_loop_s *loop;
    struct http *http;
    struct ws *ws;
    const char *listen;             /* "127.0.0.1:8080", "0.0.0.0:443", "[::]:443" */
    const char *tls_cert, *tls_key; /* NULL: plain */
};

/* "host:port" or "[v6]:port" into its parts. -ERR_INVALID with a sentence. */
int web_address(const char *listen, char host[64], uint16_t *port, char err[256]);
int web_open(struct web **out, const struct web_cfg *cfg, char err[256]);
uint16_t web_port(const struct web *w);
/* Closes every connection; the loop must run on until its handles are gone, then web_free. */
void web_close(struct web *w);
void web_free(struct web *w);

#endif
