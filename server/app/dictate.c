/* Captions by a program that hears a room (server/pipes/speech): its lines are the room's, by nobody. */
#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/app/parts.h"
#include "server/signaling/captioning.h"
#include "server/signaling/proto.h"

/* The recorder mixes sound so long after it was heard (media/pipeline/sound.h). */
enum { LATE_MS = 600 };

/* What the program said, until the room has it. */
struct said {
    struct app *app;
    char room[ROOM_ID_MAX + 1], lang[SPEECH_LANG_MAX + 1];
    int64_t at_ms;
    uint64_t ago_ms;
    char *text;
};

/* The event's end comes before the program's, whose last words are of the recording: they go behind the
 * room's last line (server/catalogue/roomlog.h), so the lesson has them. */
static void put_late(const struct said *d) {
    struct event e = {.type = EV_CAPTION, .at_ms = d->at_ms, .amount = d->ago_ms, .text = str_of(d->text)};
    struct buf b;
    if (!room_line_ok(e.text) || !captions_lang_ok(str_of(d->lang)))
        return;
    (void)STR_COPY(e.name, str_of(d->lang));
    buf_init(&b, NOTE_MAX_BYTES);
    proto_event(&b, &e);
    struct scribe_line line = {.room = d->room, .at_ms = d->at_ms, .json = buf_view(&b)};
    if (scribe_put(d->app->scribe, &line))
        LOG_WARN("a program's last words are lost room=%s", d->room);
    buf_fini(&b);
}

static void on_done(void *ctx, int err, const char *text) {
    struct said *d = ctx;
    if (err == -ERR_EXPIRED)
        put_late(d);
    else if (err)
        LOG_INFO("a program's caption is not in the room err=%s text=\"%s\"", err_wire(err), text);
    mem_free(d->text);
    mem_free(d);
}

static void caption(struct app *a, const char *room, const char *lang, struct str text, int64_t said_ms) {
    int64_t now_ms = clock_wall_ms(), ago_ms = now_ms - said_ms;
    struct command c = {.type = CMD_CAPTION, .text = text};
    c.amount = ago_ms < 0 ? 0 : ago_ms > CAPTION_AGO_MAX_MS ? CAPTION_AGO_MAX_MS : (uint64_t)ago_ms;
    (void)STR_COPY(c.name, str_of(lang));
    struct said *d = mem_zalloc(sizeof *d);
    *d = (struct said){.app = a, .at_ms = now_ms, .ago_ms = c.amount, .text = mem_strndup(text.p, text.n)};
    (void)STR_COPY(d->room, str_of(room));
    (void)STR_COPY(d->lang, str_of(lang));
    hub_command(a->hub, room, &c, on_done, d);
}

static void on_line(void *ctx, const char *room, const struct speechline *line, int64_t said_ms) {
    struct app *a = ctx;
    const char *lang = line->lang[0] ? line->lang : a->cfg->captions_lang;
    struct str rest = {line->text, line->n}, part, last = {"", 0};
    if (!a->hub)
        return;
    hub_clock(a->hub, clock_mono_us(), clock_wall_ms());
    while (speechline_cut(&rest, &part)) {
        if (line->is_final)
            caption(a, room, lang, part, said_ms);
        last = part;
    }
    if (!line->is_final)
        hub_captioning(a->hub, room, lang, last);
}

int dictate_open(struct app *a) {
    struct speech_cfg cfg = {
        .loop = &a->loop, .command = a->cfg->captions_command, .late_ms = LATE_MS, .ops = {on_line, a}};
    if (!captions_lang_ok(str_of(a->cfg->captions_lang)))
        return -ERR_INVALID;
    return speech_open(&a->speech, &cfg);
}
