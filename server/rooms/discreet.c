#include "server/rooms/discreet.h"
#include "server/rooms/parts.h"

static const bool has_words[EV_COUNT] = {
#define X(name, wire, fields, optional, audience, lesson)                                                    \
    [EV_##name] = (((fields) | (optional)) & (FIELD_TEXT | FIELD_OPTIONS | FIELD_GROUPS | FIELD_NAMES |      \
                                              FIELD_INK | FIELD_UPDATE)) != 0,
#include "server/rooms/events.def"
#undef X
};

/* Codes of languages say nothing of anybody, and without them nobody would be an interpreter after a crash,
 * so that whose microphone was in a channel would be heard by all. */
static bool has_langs(enum event_type type) { return type == EV_CHANNELS || type == EV_INTERPRETS; }
/* There the name is the format's id, here a language. */
static bool has_name(enum event_type type) { return type != EV_CREATED && type != EV_AIR; }

struct event discreet_event(const struct event *e) {
    struct event out = {.seq = e->seq, .at_ms = e->at_ms, .type = EV_UNKEPT};
    if ((unsigned)e->type >= EV_COUNT || has_words[e->type])
        return out;
    out = *e;
    out.text = (struct str){NULL, 0};
    if (!has_langs(e->type))
        out.list = out.text;
    if (out.name[0] && has_name(e->type))
        STR_COPY(out.name, STR(DISCREET_NAME));
    return out;
}

void discreet_evolve(struct room *r, struct member *m, const struct event *e) {
    (void)r, (void)m, (void)e; /* it was said, and is not kept */
}
