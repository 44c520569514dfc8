#include "server/mail/smtp.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>

#include "media/base/err.h"
#include "media/base/mem.h"

struct smtp {
    struct smtp_cfg cfg;
    CURLM *multi;
    CURL *easy;
};

static size_t on_read(char *dst, size_t size, size_t n, void *arg) {
    struct str *rest = arg;
    size_t k = size * n < rest->n ? size * n : rest->n;
    memcpy(dst, rest->p, k);
    *rest = (struct str){rest->p + k, rest->n - k};
    return k;
}

int smtp_open(struct smtp **out, const struct smtp_cfg *cfg) {
    static const char protocols[] = "smtp,smtps";
    struct smtp *s = mem_zalloc(sizeof *s);
    s->cfg = *cfg;
    s->multi = curl_global_init(CURL_GLOBAL_DEFAULT) ? NULL : curl_multi_init();
    s->easy = s->multi ? curl_easy_init() : NULL;
    if (!s->easy) {
        smtp_close(s);
        return -ERR_IO;
    }
    curl_easy_setopt(s->easy, CURLOPT_PROTOCOLS_STR, protocols);
    curl_easy_setopt(s->easy, CURLOPT_URL, cfg->server);
    curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(s->easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(cfg->wait_ms < SMTP_CONNECT_MS ? cfg->wait_ms : SMTP_CONNECT_MS));
    curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, (long)cfg->wait_ms);
    curl_easy_setopt(s->easy, CURLOPT_USE_SSL, (long)(cfg->starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    if (cfg->user[0]) {
        curl_easy_setopt(s->easy, CURLOPT_USERNAME, cfg->user);
        curl_easy_setopt(s->easy, CURLOPT_PASSWORD, cfg->password);
    }
    curl_easy_setopt(s->easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(s->easy, CURLOPT_READFUNCTION, on_read);
    *out = s;
    return 0;
}

/* Until the transfer is over; false when it was to stop first. */
static bool drive(struct smtp *s, CURLcode *result) {
    int running = 1;
    while (running) {
        struct curl_waitfd stop = {.fd = s->cfg.stop_fd, .events = CURL_WAIT_POLLIN};
        if (curl_multi_perform(s->multi, &running) ||
            (running && curl_multi_poll(s->multi, &stop, 1, 1000, NULL)))
            return false;
        struct pollfd p = {.fd = s->cfg.stop_fd, .events = POLLIN};
        if (running && poll(&p, 1, 0) > 0)
            return false;
    }
    int left;
    CURLMsg *m = curl_multi_info_read(s->multi, &left);
    *result = m && m->msg == CURLMSG_DONE ? m->data.result : CURLE_GOT_NOTHING;
    return true;
}

int smtp_send(struct smtp *s, const char *to, struct str message, char why[SMTP_WHY_MAX]) {
    char from[160], rcpt[160];
    long code = 0;
    CURLcode result = CURLE_OK;
    snprintf(from, sizeof from, "<%.150s>", s->cfg.from);
    snprintf(rcpt, sizeof rcpt, "<%.150s>", to);
    struct curl_slist *list = curl_slist_append(NULL, rcpt);
    struct str rest = message;
    curl_easy_setopt(s->easy, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(s->easy, CURLOPT_MAIL_RCPT, list);
    curl_easy_setopt(s->easy, CURLOPT_READDATA, &rest);
    curl_easy_setopt(s->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message.n);
    curl_multi_add_handle(s->multi, s->easy);
    bool ended = drive(s, &result);
    curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &code);
    curl_multi_remove_handle(s->multi, s->easy);
    curl_slist_free_all(list);
    why[0] = 0;
    if (!ended)
        return -ERR_BUSY;
    if (result == CURLE_OK)
        return 0;
    snprintf(why, SMTP_WHY_MAX, "%s (%ld)", curl_easy_strerror(result), code);
    /* A password that is refused is the administrator's to mend: the letter is not lost by it. */
    return code >= 500 && code < 600 && result != CURLE_LOGIN_DENIED ? -ERR_DENIED : -ERR_IO;
}

void smtp_close(struct smtp *s) {
    if (!s)
        return;
    if (s->easy)
        curl_easy_cleanup(s->easy);
    if (s->multi)
        curl_multi_cleanup(s->multi);
    mem_free(s);
}
