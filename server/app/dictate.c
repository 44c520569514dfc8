/* Captions by a program that hears a room (server/pipes/speech): its lines are the room's, by nobody. */
#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/log.h"
#include "server/app/parts.h"
#include "server/signaling/captioning.h"

/* The recorder mixes sound so long after it was heard (media/pipeline/sound.h). */
enum { LATE_MS = 600 };

static void on_done(void *ctx, int err, const char *text) {
    (void)ctx;
    if (err && err != -ERR_EXPIRED) /* the event's end comes before the program's */
        LOG_INFO("a program's caption is not in the room err=%s text=\"%s\"", err_wire(err), text);
}

static void caption(struct app *a, const char *room, const char *lang, struct str text, int64_t said_ms) {
    int64_t ago_ms = clock_wall_ms() - said_ms;
    struct command c = {.type = CMD_CAPTION, .text = text};
    c.amount = ago_ms < 0 ? 0 : ago_ms > CAPTION_AGO_MAX_MS ? CAPTION_AGO_MAX_MS : (uint64_t)ago_ms;
    (void)STR_COPY(c.name, str_of(lang));
    hub_command(a->hub, room, &c, on_done, a);
}

static void on_line(void *ctx, const char *room, const struct speechline *line, int64_t said_ms) {
    struct app *a = ctx;
    const char *lang = line->lang[0] ? line->lang : a->cfg->captions_lang;
    struct str rest = {line->text, line->n}, part, last = {"", 0};
    if (!a->hub || a->draining)
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
