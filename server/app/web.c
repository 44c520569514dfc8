#include "server/app/web.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libwebsockets.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "media/base/str.h"
#include "server/http/http.h"
#include "server/signaling/ws.h"

enum { FDS_WANTED = HTTP_CONNECTIONS_MAX + 512 };

struct web {
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct lws_protocols rows[3];
    void *loops[1];
    char host[64];
};

int web_address(const char *listen, char host[64], uint16_t *port, char err[256]) {
    const char *colon = strrchr(listen, ':');
    struct str h = {listen, colon ? (size_t)(colon - listen) : 0};
    uint64_t number;
    if (!colon || str_u64(str_of(colon + 1), 65535, &number)) {
        snprintf(err, 256, "http.listen: \"%.60s\" is not ADDRESS:PORT, e.g. 127.0.0.1:8080", listen);
        return -ERR_INVALID;
    }
    if (h.n > 2 && h.p[0] == '[' && h.p[h.n - 1] == ']')
        h = (struct str){h.p + 1, h.n - 2};
    uint8_t raw[16];
    str_copy(host, 64, h);
    if (!h.n || (inet_pton(AF_INET, host, raw) != 1 && inet_pton(AF_INET6, host, raw) != 1)) {
        snprintf(err, 256, "http.listen: \"%.60s\" has no IP address before the port, e.g. 0.0.0.0:8080",
                 listen);
        return -ERR_INVALID;
    }
    *port = (uint16_t)number;
    return 0;
}

/* libwebsockets says no more than "no" when it cannot bind; the kernel's reason is worth a sentence. */
static int try_bind(const char *host, uint16_t port, char err[256]) {
    bool six = strchr(host, ':') != NULL;
    struct sockaddr_in a4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    inet_pton(six ? AF_INET6 : AF_INET, host, six ? (void *)&a6.sin6_addr : (void *)&a4.sin_addr);
    int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    if (fd < 0) {
        snprintf(err, 256, "cannot open a socket for %s: %s", host, strerror(errno));
        return -ERR_IO;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    int rc = bind(fd, six ? (struct sockaddr *)&a6 : (struct sockaddr *)&a4, six ? sizeof a6 : sizeof a4);
    rc = rc ? rc : listen(fd, 1);
    int why = errno;
    close(fd);
    if (!rc)
        return 0;
    if (why == EADDRINUSE)
        snprintf(err, 256,
                 "port %u is taken on %s: another program (or another somhub) listens there; stop it or "
                 "choose another http.listen",
                 port, host);
    else if (why == EACCES)
        snprintf(
            err, 256,
            "no permission for port %u: ports below 1024 need root or CAP_NET_BIND_SERVICE; choose another "
            "http.listen",
            port);
    else if (why == EADDRNOTAVAIL)
        snprintf(err, 256, "this machine has no address %s: choose another http.listen, e.g. 0.0.0.0:%u",
                 host, port ? port : 8080);
    else
        snprintf(err, 256, "cannot listen on %s port %u: %s", host, port, strerror(why));
    return -ERR_IO;
}

/* Once it serves, what it complains of is what strangers send: counted elsewhere, and no line of the log
 * each. */
static bool is_serving;
static void on_log(int level, const char *line) {
    size_t n = strcspn(line, "\n");
    if (level & LLL_ERR && !is_serving)
        LOG_WARN("lws %.*s", (int)n, line);
    else
        LOG_DEBUG("lws %.*s", (int)n, line);
}

int web_open(struct web **out, const struct web_cfg *cfg, char err[256]) {
    uint16_t port;
    struct web *w = mem_zalloc(sizeof *w);
    int rc = web_address(cfg->listen, w->host, &port, err);
    if (!rc)
        rc = try_bind(w->host, port, err);
    if (rc) {
        mem_free(w);
        return rc;
    }
    http_protocol(cfg->http, &w->rows[0]);
    ws_protocol(cfg->ws, &w->rows[1]);
    w->loops[0] = cfg->loop;
    lws_set_log_level(LLL_ERR | LLL_WARN, on_log);
    bool six = strchr(w->host, ':') != NULL, any = !strcmp(w->host, "0.0.0.0") || !strcmp(w->host, "::");
    struct lws_context_creation_info info = {
        .port = port,
        .iface = any ? NULL : w->host,
        .protocols = w->rows,
        .foreign_loops = w->loops,
        .fd_limit_per_thread = FDS_WANTED,
        .alpn = "http/1.1", /* over h2 a WebSocket of this libwebsockets has no flow control */
        .server_string = "somhub",
        .user = cfg->http,
        .keepalive_timeout = 60,
        .ssl_cert_filepath = cfg->tls_cert,
        .ssl_private_key_filepath = cfg->tls_key,
        .max_http_header_data = HTTP_HEAD_MAX,
        .max_http_header_pool = 0, /* as many as connections: http.c limits what an address may hold */
        .ka_time = 60,
        .ka_probes = 3,
        .ka_interval = 10,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_UV_NO_SIGSEGV_SIGFPE_SPIN |
                   LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND | LWS_SERVER_OPTION_VALIDATE_UTF8 |
                   LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG |
                   (six ? 0 : LWS_SERVER_OPTION_DISABLE_IPV6) |
                   (cfg->tls_cert ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
    };
    w->context = lws_create_context(&info);
    if (w->context)
        w->vhost = lws_create_vhost(w->context, &info);
    if (!w->vhost) {
        snprintf(err, 256,
                 cfg->tls_cert ? "cannot serve HTTPS on %s with certificate %.80s and key %.80s"
                               : "cannot listen on %s",
                 cfg->listen, cfg->tls_cert, cfg->tls_key);
        if (w->context)
            lws_context_destroy(w->context);
        mem_free(w);
        return -ERR_IO;
    }
    is_serving = true;
    *out = w;
    return 0;
}

uint16_t web_port(const struct web *w) { return (uint16_t)lws_get_vhost_listen_port(w->vhost); }

void web_close(struct web *w) { lws_context_destroy(w->context); }

void web_free(struct web *w) {
    if (!w)
        return;
    lws_context_destroy(
        w->context); /* of a loop that is not its own, a context is freed by the second call */
    mem_free(w);
}
