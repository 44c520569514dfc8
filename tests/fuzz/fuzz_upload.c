/* A PDF brought in pieces, whatever the promise and the pieces say: the first line is what is posted, then a
 * line is a query string ("@": the right one) and the next the piece. A piece is taken whole at the offset
 * that is there or not at all, the file never grows past what was promised, and what is on the disk is what
 * was taken. */
#include <stdio.h>
#include <stdlib.h>

#include "server/catalogue/upload.h"
#include "tests/unit/web_rig.h"

enum { INPUT_MAX = 8192, PIECES_MAX = 32, QUERY_MAX = 600 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct web_rig w;
static struct meeting m = {.join = JOIN_LINK};

struct attempt {
    char id[UPLOAD_ID_CHARS + 1];
    char kept[INPUT_MAX + 1];
    int64_t bytes, received;
};

static void shut(void) { web_close(&w); }

static void open_once(void) {
    if (w.api)
        return;
    web_open(&w);
    house_meeting(&w.house, &m);
    atexit(shut);
}

static const struct json *deck_said(void) { return json_get(w.json, "deck"); }

static bool promised(struct attempt *u, struct str body) {
    char text[INPUT_MAX + 1];
    (void)STR_COPY(text, body);
    int status = web_ask(&w, HOUSE_TEACHER, web_line("POST /api/events/%s/decks", m.id), text);
    if (status != 201)
        return false;
    (void)STR_COPY(u->id, str_of(web_str(deck_said(), "id")));
    u->bytes = web_number(deck_said(), "bytes");
    const char *title = web_str(deck_said(), "title");
    if (u->bytes < 1 || u->bytes > upload_rules(UPLOAD_SLIDES)->bytes_max || !title[0] ||
        strlen(title) > UPLOAD_TITLE_MAX || strchr(title, '\n'))
        abort();
    return true;
}

static void check_state(const struct attempt *u) {
    if (!deck_said() || web_number(deck_said(), "received") != u->received ||
        strcmp(web_str(deck_said(), "state"), u->received == u->bytes ? "waiting" : "uploading") != 0)
        abort();
}

static void send_piece(struct attempt *u, struct str query, struct str piece) {
    char text[INPUT_MAX + 1], line[QUERY_MAX + 100];
    bool right = str_is(query, "@");
    if (query.n > QUERY_MAX)
        return;
    (void)STR_COPY(text, piece);
    size_t n = strlen(text); /* a NUL ends it for the rig */
    if (right)
        snprintf(line, sizeof line, "PUT /api/events/%s/decks/%s?offset=%lld", m.id, u->id,
                 (long long)u->received);
    else
        snprintf(line, sizeof line, "PUT /api/events/%s/decks/%s?" STR_FMT, m.id, u->id, STR_ARG(query));
    w.content_type = "application/octet-stream";
    bool fits = u->received < u->bytes && (int64_t)n <= u->bytes - u->received && n;
    bool taken = web_ask(&w, HOUSE_TEACHER, line, text) == 200;
    if (taken ? !fits : right && fits)
        abort();
    if (taken) {
        memcpy(u->kept + u->received, text, n);
        u->received += (int64_t)n;
        check_state(u);
    }
}

static void check_disk(const struct attempt *u) {
    char path[UPLOAD_PATH_MAX + 32];
    static char found[INPUT_MAX + 2];
    web_expect(&w, HOUSE_TEACHER, 200, web_line("GET /api/events/%s/decks/%s", m.id, u->id), NULL);
    check_state(u);
    snprintf(path, sizeof path, "%s/decks/%s/%s.pdf", w.house.dir, m.id, u->id);
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(found, 1, sizeof found, f) : 0;
    if (f)
        fclose(f);
    if ((int64_t)n != u->received || memcmp(found, u->kept, n) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct attempt u;
    struct str rest = {(const char *)data, size}, body, query, piece;
    if (size > INPUT_MAX || !str_until(&rest, '\n', &body))
        return 0;
    open_once();
    u = (struct attempt){.bytes = 0};
    if (!promised(&u, body))
        return 0;
    for (int i = 0; i < PIECES_MAX && str_until(&rest, '\n', &query) && str_until(&rest, '\n', &piece); i++)
        send_piece(&u, query, piece);
    check_disk(&u);
    web_expect(&w, HOUSE_TEACHER, 204, web_line("DELETE /api/events/%s/decks/%s", m.id, u.id), NULL);
    return 0;
}
