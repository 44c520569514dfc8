#include "server/rooms/modlog.h"
#include "media/base/mem.h"
#include "server/rooms/parts.h"

void modlog_init(struct modlog *m) {
    m->format = (struct format){.id = ""};
    room_init(&m->room, &(struct room_cfg){.format = &m->format});
}

void modlog_fini(struct modlog *m) { room_fini(&m->room); }

static bool is_over_other(const struct event *e) { return e->by[0] && strcmp(e->by, e->who) != 0; }

static void about(struct modlog_line *out, const char *who, const char *name, const char *text) {
    STR_COPY(out->who, str_of(who[0] == '.' ? "" : who));
    STR_COPY(out->name, str_of(name));
    out->text = text ? mem_strdup(text) : NULL;
}

static bool message(const struct room *r, const struct event *e, struct modlog_line *out) {
    const struct room_chat *c = chat_find(r, e->n);
    if (!c || !strcmp(c->by, e->by))
        return false; /* one's own */
    about(out, c->by, c->name, c->text);
    return true;
}

static bool question(const struct room *r, const struct event *e, struct modlog_line *out) {
    const struct question *q = ask_find(r, e->n);
    bool is_aside = e->type == EV_ASK_TURNED || e->ask == ASK_DISMISSED;
    if (!q || !is_aside || !strcmp(q->by, e->by))
        return false;
    about(out, q->by, q->name, q->text);
    return true;
}

static bool report(const struct room *r, const struct event *e, struct modlog_line *out) {
    list_each (&r->reports, p, struct room_report, link) {
        if (p->n == e->n) {
            about(out, p->who, p->name, p->text);
            return true;
        }
    }
    return false;
}

static bool judge(const struct room *r, const struct event *e, struct modlog_line *out) {
    switch (e->type) {
    case EV_REMOVED:
    case EV_UNBANNED:
    case EV_DENIED:
    case EV_MUTED:
    case EV_MUTE_ASKED:
    case EV_UNSTAGED:
    case EV_ROLE:
        return is_over_other(e);
    case EV_LOCKED:
    case EV_LOBBY:
    case EV_LIMITED:
    case EV_CHAT_RULES:
    case EV_CAMERAS:
    case EV_NAMES_HIDDEN:
    case EV_ASK_RULES:
    case EV_POLL_HIDDEN:
    case EV_REPORTED:
        return true;
    case EV_UNCHAT:
        return message(r, e, out);
    case EV_ASK_STATE:
    case EV_ASK_TURNED:
        return question(r, e, out);
    case EV_REPORT_DONE:
        return report(r, e, out);
    default: /* what people do themselves, and with what is theirs */
        return false;
    }
}

bool modlog_event(struct modlog *m, const struct event *e, struct modlog_line *out) {
    const struct member *by = room_member(&m->room, e->by), *who = room_member(&m->room, e->who);
    *out = (struct modlog_line){.by = ""};
    bool is_one = judge(&m->room, e, out);
    if (is_one && by)
        STR_COPY(out->by, str_of(by->name));
    if (is_one && e->who[0] && e->who[0] != '.') {
        STR_COPY(out->who, str_of(e->who));
        STR_COPY(out->name, str_of(who ? who->name : e->name));
    }
    if (is_one && !out->text && e->text.n)
        out->text = mem_strndup(e->text.p, e->text.n);
    room_evolve(&m->room, e);
    return is_one;
}
