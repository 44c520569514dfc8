#include "server/rooms/channels.h"
#include "server/rooms/parts.h"

enum { SUBTAG_MAX = 8 }; /* RFC 5646 2.1: of one to eight letters or digits */

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool channel_lang_ok(struct str lang) {
    size_t run = 0;
    bool first = true;
    if (!lang.n || lang.n > CHANNEL_LANG_MAX)
        return false;
    for (size_t i = 0; i < lang.n; i++) {
        char c = lang.p[i];
        if (c == '-') {
            if (!run || (first && run < 2))
                return false;
            run = 0;
            first = false;
        } else if (is_letter(c) || (!first && c >= '0' && c <= '9')) {
            if (++run > SUBTAG_MAX)
                return false;
        } else {
            return false;
        }
    }
    return run && (!first || run >= 2);
}

bool member_interprets(const struct member *m) { return m->interprets.lang[0][0] != 0; }

bool member_interprets_to(const struct member *m, const char *lang) {
    for (unsigned i = 0; i < CHANNELS_EACH; i++)
        if (*lang && !strcmp(m->interprets.lang[i], lang))
            return true;
    return false;
}

unsigned room_channel(const struct room *r, const char *lang) {
    for (unsigned i = 0; i < r->channels.count; i++)
        if (!strcmp(r->channels.v[i].lang, lang))
            return i + 1;
    return 0;
}

unsigned room_on_air(const struct room *r, const struct member *m) {
    for (unsigned i = 0; i < r->channels.count; i++)
        if (!strcmp(r->channels.v[i].air, m->id))
            return i + 1;
    return 0;
}

/* ---- lists of languages ---- */

static bool is_in(struct str list, const char *lang) {
    struct str rest = list, one;
    while (str_until(&rest, '\n', &one))
        if (str_is(one, lang))
            return true;
    return false;
}

/* Well-formed, each once; how many, or -1. */
static int count_langs(struct str list) {
    struct str rest = list, one;
    char seen[CHANNELS_MAX][CHANNEL_LANG_MAX + 1];
    unsigned n = 0;
    while (str_until(&rest, '\n', &one)) {
        if (n == CHANNELS_MAX || !channel_lang_ok(one))
            return -1;
        for (unsigned i = 0; i < n; i++)
            if (str_is(one, seen[i]))
                return -1;
        STR_COPY(seen[n++], one);
    }
    return (int)n;
}

/* ---- deciding ---- */

/* Whoever becomes an interpreter, or is none any more, turns his microphone on himself: what he says without
 * knowing must reach nobody. */
static void put_mic_off(struct decision *d, const struct member *m) {
    source_put_off(d, m, m->sources & 1U << MEDIA_MIC);
}

static bool same_channels(const struct room *r, struct str list, int n) {
    struct str rest = list, one;
    unsigned i = 0;
    if ((unsigned)n != r->channels.count)
        return false;
    while (str_until(&rest, '\n', &one))
        if (!str_is(one, r->channels.v[i++].lang))
            return false;
    return true;
}

static bool keeps_some(const struct member *m, struct str list) {
    for (unsigned i = 0; i < CHANNELS_EACH; i++)
        if (m->interprets.lang[i][0] && is_in(list, m->interprets.lang[i]))
            return true;
    return false;
}

int channels_lay(struct decision *d) {
    const struct command *c = d->cmd;
    int n = count_langs(c->list);
    if (n < 0)
        return decision_refuse(d, -ERR_INVALID, "Eight different languages at most, by their codes.");
    if (same_channels(d->r, c->list, n))
        return 0;
    list_each (&d->r->members[MEMBER_PRESENT], m, struct member, link) {
        if (member_interprets(m) && !keeps_some(m, c->list))
            put_mic_off(d, m);
    }
    decision_put(d, EV_CHANNELS, "")->list = room_dup(c->list);
    return 0;
}

static void put_interprets(struct decision *d, const struct member *m, const char *name, struct str langs) {
    struct event *e = decision_put(d, EV_INTERPRETS, m->id);
    STR_COPY(e->name, str_of(name));
    e->list = room_dup(langs);
}

int channels_interpret(struct decision *d) {
    const struct command *c = d->cmd;
    const struct member *m = decision_target(d);
    struct str rest = c->list, one;
    int n = count_langs(c->list);
    bool same = true;
    if (!m)
        return -ERR_MISSING;
    if (d->me && m->role > d->me->role)
        return decision_refuse(d, -ERR_DENIED, "This person has a higher role than yours.");
    if (n < 0 || n > CHANNELS_EACH)
        return decision_refuse(d, -ERR_INVALID, "One interprets into two languages at most.");
    for (int i = 0; str_until(&rest, '\n', &one); i++) {
        char lang[CHANNEL_LANG_MAX + 1];
        if (!STR_COPY(lang, one) || !room_channel(d->r, lang))
            return decision_refuse(d, -ERR_MISSING, "There is no such channel.");
        same = same && !strcmp(m->interprets.lang[i], lang);
    }
    if (same && (n == CHANNELS_EACH || !m->interprets.lang[n][0]))
        return 0;
    if (member_interprets(m) != (n > 0))
        put_mic_off(d, m);
    put_interprets(d, m, m->name, c->list);
    return 0;
}

static void put_langs(struct buf *b, const struct member *m) {
    for (unsigned i = 0; i < CHANNELS_EACH && m->interprets.lang[i][0]; i++)
        buf_printf(b, "%s\n", m->interprets.lang[i]);
}

/* Those there are, and these; what is past the last is left out. */
static void put_channels_with(struct decision *d, struct str langs) {
    const struct channels *c = &d->r->channels;
    struct str rest = langs, one;
    struct buf b;
    unsigned n = c->count;
    buf_init(&b, CHANNELS_MAX * (CHANNEL_LANG_MAX + 1) + 1);
    for (unsigned i = 0; i < c->count; i++)
        buf_printf(&b, "%s\n", c->v[i].lang);
    while (str_until(&rest, '\n', &one)) {
        char lang[CHANNEL_LANG_MAX + 1];
        if (n < CHANNELS_MAX && STR_COPY(lang, one) && !room_channel(d->r, lang)) {
            buf_printf(&b, "%s\n", lang);
            n++;
        }
    }
    if (n > c->count)
        decision_put(d, EV_CHANNELS, "")->list = room_dup(buf_view(&b));
    buf_fini(&b);
}

void channels_arrive(struct decision *d, const char *id, const char *name, struct str langs) {
    int n = count_langs(langs);
    if (n < 1 || n > CHANNELS_EACH)
        return;
    put_channels_with(d, langs);
    struct event *e = decision_put(d, EV_INTERPRETS, id);
    STR_COPY(e->name, str_of(name));
    e->list = room_dup(langs);
}

void channels_come_back(struct decision *d, const struct member *m, const char *name) {
    struct buf b;
    if (!member_interprets(m))
        return;
    buf_init(&b, CHANNELS_EACH * (CHANNEL_LANG_MAX + 1) + 1);
    put_langs(&b, m);
    put_interprets(d, m, name, buf_view(&b));
    buf_fini(&b);
}

/* Oneself on the air, or off it; who is on it hands it over to a colleague who is ready. */
int channels_air(struct decision *d) {
    const struct command *c = d->cmd;
    unsigned no = room_channel(d->r, c->name);
    const struct channel *ch = no ? &d->r->channels.v[no - 1] : NULL;
    const struct member *m = c->who[0] ? room_present(d->r, c->who) : NULL;
    bool leads = decision_may(d, CAN_CHANNELS), is_on = ch && decision_is_self(d, ch->air);
    bool is_self = m && m == d->me;
    if (!ch)
        return decision_refuse(d, -ERR_MISSING, "There is no such channel.");
    if (c->who[0] && (!m || !member_interprets_to(m, ch->lang)))
        return m ? decision_refuse(d, -ERR_DENIED, "This person does not interpret into this language.")
                 : decision_refuse(d, -ERR_MISSING, "This person is not in the room.");
    if (!is_self && !is_on && !leads)
        return decision_refuse(d, -ERR_DENIED, "Who is on the air hands it over.");
    if (m && !is_self && !(m->sources & 1U << MEDIA_MIC))
        return decision_refuse(d, -ERR_CONFLICT, "This person's microphone is off.");
    if (strcmp(ch->air, c->who) != 0)
        STR_COPY(decision_put(d, EV_AIR, c->who)->name, str_of(ch->lang));
    return 0;
}

/* ---- evolving ---- */

void channels_off_air(struct room *r, const struct member *m) {
    for (unsigned i = 0; i < r->channels.count; i++)
        if (!strcmp(r->channels.v[i].air, m->id))
            r->channels.v[i].air[0] = 0;
}

/* What is no channel any more nobody interprets into. */
static void forget_langs(struct room *r, struct member *m) {
    unsigned k = 0;
    for (unsigned i = 0; i < CHANNELS_EACH; i++) {
        char lang[CHANNEL_LANG_MAX + 1];
        STR_COPY(lang, str_of(m->interprets.lang[i]));
        m->interprets.lang[i][0] = 0;
        if (room_channel(r, lang))
            STR_COPY(m->interprets.lang[k++], str_of(lang));
    }
}

void channels_evolve_laid(struct room *r, struct member *m, const struct event *e) {
    struct channels was = r->channels, *now = &r->channels;
    struct str rest = e->list, one;
    (void)m;
    *now = (struct channels){0};
    if (count_langs(e->list) < 0)
        rest.n = 0;
    while (str_until(&rest, '\n', &one)) {
        struct channel *c = &now->v[now->count++];
        STR_COPY(c->lang, one);
        for (unsigned i = 0; i < was.count; i++)
            if (!strcmp(was.v[i].lang, c->lang))
                STR_COPY(c->air, str_of(was.v[i].air));
    }
    for (int s = 0; s < MEMBER_STATE_COUNT; s++)
        list_each (&r->members[s], one_of, struct member, link)
            forget_langs(r, one_of);
}

void channels_evolve_interprets(struct room *r, struct member *m, const struct event *e) {
    struct str rest = e->list, one;
    unsigned k = 0;
    if (!m || (m->state != MEMBER_PRESENT && m->state != MEMBER_ABSENT))
        return;
    m->interprets = (struct interprets){0};
    while (k < CHANNELS_EACH && str_until(&rest, '\n', &one)) {
        if (!STR_COPY(m->interprets.lang[k], one) || !room_channel(r, m->interprets.lang[k]))
            m->interprets.lang[k][0] = 0;
        else
            k++;
    }
    for (unsigned i = 0; i < r->channels.count; i++)
        if (!member_interprets_to(m, r->channels.v[i].lang) && !strcmp(r->channels.v[i].air, m->id))
            r->channels.v[i].air[0] = 0;
}

void channels_evolve_air(struct room *r, struct member *m, const struct event *e) {
    unsigned no = room_channel(r, e->name);
    if (!no || (e->who[0] && (!m || m->state != MEMBER_PRESENT || !member_interprets_to(m, e->name))))
        return;
    if (m)
        channels_off_air(r, m);
    STR_COPY(r->channels.v[no - 1].air, str_of(m ? m->id : ""));
}

/* ---- as every feature ---- */

void channels_init(struct room *r) { r->channels = (struct channels){0}; }
void channels_fini(struct room *r) { (void)r; }

void channels_dump(const struct room *r, struct buf *b) {
    for (unsigned i = 0; i < r->channels.count; i++)
        buf_printf(b, "channel %s air=%s\n", r->channels.v[i].lang, r->channels.v[i].air);
    for (int s = 0; s < MEMBER_STATE_COUNT; s++)
        list_each (&r->members[s], m, struct member, link)
            if (member_interprets(m))
                buf_printf(b, "interprets %s %s %s\n", m->id, m->interprets.lang[0], m->interprets.lang[1]);
}

static void put_people(const struct image *i, const struct room *r) {
    const enum member_state states[] = {MEMBER_PRESENT, MEMBER_ABSENT};
    for (unsigned k = 0; k < countof(states); k++)
        list_each (&r->members[states[k]], m, struct member, link) {
            struct event e = {.seq = 1, .type = EV_INTERPRETS};
            struct buf b;
            if (!member_interprets(m))
                continue;
            buf_init(&b, CHANNELS_EACH * (CHANNEL_LANG_MAX + 1) + 1);
            put_langs(&b, m);
            STR_COPY(e.who, str_of(m->id));
            STR_COPY(e.name, str_of(m->name));
            e.list = buf_view(&b);
            image_put(i, &e);
            buf_fini(&b);
        }
}

void channels_image(const struct image *i, const struct room *r) {
    const struct channels *c = &r->channels;
    struct buf b;
    if (!c->count)
        return;
    buf_init(&b, CHANNELS_MAX * (CHANNEL_LANG_MAX + 1) + 1);
    for (unsigned n = 0; n < c->count; n++)
        buf_printf(&b, "%s\n", c->v[n].lang);
    image_put(i, &(struct event){.seq = 1, .type = EV_CHANNELS, .list = buf_view(&b)});
    buf_fini(&b);
    put_people(i, r);
    for (unsigned n = 0; n < c->count; n++) {
        struct event e = {.seq = 1, .type = EV_AIR};
        STR_COPY(e.name, str_of(c->v[n].lang));
        STR_COPY(e.who, str_of(c->v[n].air));
        if (c->v[n].air[0])
            image_put(i, &e);
    }
}
