#include "server/signaling/studio.h"
#include "server/signaling/live.h"
#include "server/signaling/session.h"
#include "media/base/mem.h"

/* ---- gates: what a member may send this moment ---- */

/* Only what the room's state shows is let through: nobody is heard or seen without everybody knowing. A
 * publisher without a socket shows it by sending, unless it was turned off in its name. */
static uint32_t allowed(const struct seat *seat) {
    const struct member *m = room_present(&seat->live->room, seat->id);
    uint32_t fresh = seat->resource[MEDIA_PUBLISH][0] ? seat->fresh : 0;
    return m ? room_may_send(&seat->live->room, m) & ~m->muted & (m->sources | fresh) : 0;
}

void studio_gate(struct seat *seat, bool may_open) {
    struct live *l = seat->live;
    uint32_t now = allowed(seat), change = now ^ seat->gate;
    if (!may_open)
        change &= seat->gate;
    if (!l->h->media || !seat->peer[MEDIA_PUBLISH])
        return;
    for (unsigned s = 0; s < MEDIA_SOURCE_COUNT; s++)
        if (change & 1U << s)
            media_source_block(l->h->media, l->no, seat->id, (enum media_source)s, !(now & 1U << s));
    seat->gate ^= change;
}

void studio_gate_all(struct live *l) {
    list_each (&l->seats, seat, struct seat, link) {
        studio_gate(seat, true);
    }
}

/* ---- who saves data ---- */

static void tell_thrift(struct live *l, struct session *s) {
    struct buf b;
    buf_init(&b, NOTE_MAX_BYTES);
    proto_thrift(&b, l->savers > 0);
    if (s) {
        session_tell(s, &b);
        return;
    }
    struct note *note = note_of(&b);
    cast_note(l, note);
    note_drop(note);
}

/* The first who saves and the last change what all who speak are asked for. */
static void set_saving(struct seat *seat, bool on) {
    struct live *l = seat->live;
    if (seat->saves == on)
        return;
    seat->saves = on;
    l->savers = on ? l->savers + 1 : l->savers - 1;
    if (l->savers == (on ? 1 : 0) && l->state == LIVE_UP)
        tell_thrift(l, NULL);
}

/* ---- connections ---- */

void studio_close(struct seat *seat, enum media_peer_kind kind) {
    struct hub *h = seat->live->h;
    if (seat->resource[kind][0])
        smap_drop(&h->resources, str_of(seat->resource[kind]));
    seat->resource[kind][0] = 0;
    if (kind == MEDIA_VIEW) {
        note_drop(seat->slots);
        seat->slots = NULL;
        set_saving(seat, false);
    }
    if (!seat->peer[kind])
        return;
    map_drop(&h->peers, seat->peer[kind]);
    if (h->media && !h->is_stopping)
        media_peer_close(h->media, seat->peer[kind]);
    seat->peer[kind] = 0;
    if (kind == MEDIA_VIEW)
        booths_view(seat);
}

void studio_sources_off(struct seat *seat) {
    struct live *l = seat->live;
    const struct member *m = room_present(&l->room, seat->id);
    uint32_t on = m ? m->sources : 0;
    for (unsigned s = 0; s < MEDIA_SOURCE_COUNT; s++)
        if (on & 1U << s)
            live_apply(l, &(struct actor){false, seat->id, NULL},
                       &(struct command){.type = CMD_SOURCE, .source = (enum media_source)s}, NULL);
}

void studio_unmute(struct seat *seat) {
    struct live *l = seat->live;
    struct actor self = {false, seat->id, NULL};
    const struct member *m = room_present(&l->room, seat->id);
    uint32_t muted = m ? m->muted & room_may_send(&l->room, m) : 0;
    for (unsigned s = 0; s < MEDIA_SOURCE_COUNT; s++) {
        struct command c = {.type = CMD_SOURCE, .source = (enum media_source)s, .on = true};
        if (!(muted & 1U << s) || live_apply(l, &self, &c, NULL))
            continue;
        c.on = false; /* until its packets say otherwise */
        live_apply(l, &self, &c, NULL);
    }
}

int studio_open(struct seat *seat, const struct media_peer_spec *spec, struct buf *answer,
                char sentence[HUB_SENTENCE_MAX]) {
    struct live *l = seat->live;
    struct hub *h = l->h;
    studio_close(seat, spec->kind);
    int err = media_peer_open(h->media, spec, &seat->peer[spec->kind], answer, sentence);
    if (err) {
        seat->peer[spec->kind] = 0;
        return err;
    }
    if (map_put(&h->peers, seat->peer[spec->kind], seat)) {
        studio_close(seat, spec->kind);
        sentence[0] = 0;
        return -ERR_FULL;
    }
    if (spec->kind == MEDIA_PUBLISH) {
        uint32_t open = allowed(seat);
        for (unsigned s = 0; s < MEDIA_SOURCE_COUNT; s++)
            media_source_block(h->media, l->no, seat->id, (enum media_source)s, !(open & 1U << s));
        seat->gate = open;
    }
    return 0;
}

/* Present and past the opening, or why not. */
static const struct member *participant(struct session *s, const struct msg *m) {
    const struct room *r = &s->live->room;
    const struct member *me = room_present(r, s->seat->id);
    if (!me)
        session_error(s, m->id, -ERR_DENIED, "You are not in this room.");
    else if (!room_may_view(r, me))
        session_error(s, m->id, -ERR_CONFLICT, "The event is not open yet.");
    else if (!s->h->media)
        session_error(s, m->id, -ERR_BUSY, "The media plane is not running.");
    else
        return me;
    return NULL;
}

static void answer(struct session *s, const struct msg *m, enum media_peer_kind kind, int err,
                   struct buf *sdp, const char *sentence) {
    struct buf b;
    if (err) {
        session_error(s, m->id, err, sentence[0] ? sentence : NULL);
    } else {
        buf_init(&b, NOTE_MAX_BYTES);
        proto_answer(&b, m->id, kind, buf_view(sdp));
        session_tell(s, &b);
    }
    buf_fini(sdp);
}

static void connect(struct session *s, const struct msg *m, struct media_peer_spec *spec) {
    struct buf sdp;
    char sentence[HUB_SENTENCE_MAX] = "";
    spec->room = s->live->no;
    spec->member = s->seat->id;
    spec->offer = m->sdp;
    buf_init(&sdp, MEDIA_SDP_MAX_BYTES);
    int err = studio_open(s->seat, spec, &sdp, sentence);
    answer(s, m, spec->kind, err, &sdp, sentence);
}

void studio_publish(struct session *s, const struct msg *m) {
    const struct member *me = participant(s, m);
    if (!me)
        return;
    struct media_peer_spec spec = {.kind = MEDIA_PUBLISH,
                                   .allow = room_may_publish(&s->live->room, me),
                                   .source_count = m->source_count,
                                   .video = s->live->room.cfg.format->video};
    if (!spec.allow) {
        session_error(s, m->id, -ERR_DENIED, "Your role may not send media.");
        return;
    }
    memcpy(spec.sources, m->sources, sizeof spec.sources);
    connect(s, m, &spec);
    if (s->live->savers)
        tell_thrift(s->live, s);
}

void studio_view(struct session *s, const struct msg *m) {
    if (!participant(s, m))
        return;
    const struct format *f = s->live->room.cfg.format;
    struct media_peer_spec spec = {.kind = MEDIA_VIEW, .video_slots = f->video_slots, .video = f->video};
    s->seat->chose = false;
    connect(s, m, &spec);
    booths_view(s->seat);
    director_anew(s->live);
}

void studio_restart(struct session *s, const struct msg *m) {
    struct buf sdp;
    char sentence[HUB_SENTENCE_MAX] = "";
    if (!participant(s, m))
        return;
    if (!s->seat->peer[m->kind]) {
        session_error(s, m->id, -ERR_CONFLICT, "There is no such connection: offer a new one.");
        return;
    }
    buf_init(&sdp, MEDIA_SDP_MAX_BYTES);
    int err = media_peer_restart(s->h->media, s->seat->peer[m->kind], m->sdp, &sdp, sentence);
    answer(s, m, m->kind, err, &sdp, sentence);
}

static void ok(struct session *s, const struct msg *m) {
    struct buf b;
    if (!m->id)
        return;
    buf_init(&b, NOTE_MAX_BYTES);
    proto_ok(&b, m->id, s->live->committed);
    session_tell(s, &b);
}

void studio_unpublish(struct session *s, const struct msg *m) {
    struct live *l = s->live;
    studio_close(s->seat, MEDIA_PUBLISH);
    studio_sources_off(s->seat);
    ok(s, m);
    live_flush(l);
}

static uint64_t own_view(struct session *s, const struct msg *m) {
    if (!s->h->media || !s->seat->peer[MEDIA_VIEW]) {
        session_error(s, m->id, -ERR_CONFLICT, "Open the view first.");
        return 0;
    }
    return s->seat->peer[MEDIA_VIEW];
}

static bool may_see(const struct session *s, const struct msg_pick *p) {
    const struct room *r = &s->live->room;
    const struct member *me = room_present(r, s->seat->id), *who = room_present(r, p->who);
    bool is_picture = p->source == MEDIA_CAMERA || p->source == MEDIA_CONTENT;
    if (!p->who[0] || !me)
        return false;
    return !r->cameras_to_hosts || !is_picture || !who || who->role != ROLE_ATTENDEE ||
           (room_can(r, me) & CAN_MODERATE);
}

void studio_want(struct session *s, const struct msg *m) {
    struct media_pick picks[MEDIA_VIDEO_SLOTS_MAX];
    uint64_t view = own_view(s, m);
    if (!view)
        return;
    for (unsigned i = 0; i < m->pick_count; i++)
        picks[i] = (struct media_pick){may_see(s, &m->picks[i]) ? m->picks[i].who : NULL, m->picks[i].source};
    s->seat->chose = m->pick_count > 0;
    media_view_want(s->h->media, view, picks, m->pick_count);
    if (!m->pick_count)
        director_anew(s->live);
    ok(s, m);
}

void studio_draw(struct session *s, const struct msg *m) {
    uint64_t view = own_view(s, m);
    if (!view)
        return;
    media_view_draw(s->h->media, view, m->draw, m->draw_count);
    ok(s, m);
}

void studio_audio_only(struct session *s, const struct msg *m) {
    uint64_t view = own_view(s, m);
    if (!view)
        return;
    media_view_audio_only(s->h->media, view, m->cmd.on);
    ok(s, m);
}

void studio_save(struct session *s, const struct msg *m) {
    uint64_t view = own_view(s, m);
    if (!view)
        return;
    media_view_save(s->h->media, view, m->cmd.on);
    set_saving(s->seat, m->cmd.on);
    ok(s, m);
}

/* ---- what the media plane tells ---- */

static void on_peer(struct seat *seat, const struct media_event *e) {
    struct live *l = seat->live;
    enum media_peer_kind kind = seat->peer[MEDIA_PUBLISH] == e->peer ? MEDIA_PUBLISH : MEDIA_VIEW;
    bool is_up = e->type == MEDIA_EV_PEER_UP, is_http = seat->resource[kind][0];
    if (seat->session && !is_http) {
        struct buf b;
        buf_init(&b, NOTE_MAX_BYTES);
        if (is_up)
            proto_media_up(&b, kind);
        else
            proto_media_down(&b, kind, e->text ? e->text : "");
        session_tell(seat->session, &b);
    }
    if (is_up)
        return;
    map_drop(&l->h->peers, e->peer);
    seat->peer[kind] = 0; /* it exists no more: nothing to close */
    studio_close(seat, kind);
    if (kind == MEDIA_VIEW)
        booths_view(seat);
    if (!is_http)
        return;
    if (kind == MEDIA_PUBLISH)
        studio_sources_off(seat);
    seat_unhold(seat, REASON_LOST);
    live_flush(l);
}

/* A publisher without a socket says by its packets what it sends. */
static void on_track(struct hub *h, const struct media_event *e) {
    struct live *l = map_get(&h->rooms_no, e->room);
    struct seat *seat = l && l->state == LIVE_UP ? seat_get(l, e->member) : NULL;
    if (!seat || !seat->resource[MEDIA_PUBLISH][0])
        return;
    struct command c = {.type = CMD_SOURCE, .source = e->source, .on = e->type == MEDIA_EV_TRACK_ON};
    const struct member *m = room_present(&l->room, seat->id);
    uint32_t bit = 1U << e->source;
    if (c.on)
        seat->fresh &= ~bit;
    else if (m && m->sources & bit)
        seat->fresh |= bit; /* it paused by itself, so it may go on by itself */
    live_apply(l, &(struct actor){false, seat->id, NULL}, &c, NULL);
    live_flush(l);
}

/* Most views of a room have the same mapping: translated once. */
static struct note *slots_note(struct live *l, const char *text) {
    if (l->slots_text && !strcmp(l->slots_text, text))
        return l->slots_note;
    struct buf b;
    buf_init(&b, NOTE_MAX_BYTES);
    if (!proto_slots(&b, &l->room, str_of(text))) {
        buf_fini(&b);
        return NULL;
    }
    mem_free(l->slots_text);
    note_drop(l->slots_note);
    l->slots_text = mem_strdup(text);
    l->slots_note = note_of(&b);
    return l->slots_note;
}

static void on_slots(struct seat *seat, const char *text) {
    struct note *note = slots_note(seat->live, text);
    if (!note)
        return;
    note_drop(seat->slots);
    seat->slots = note_hold(note);
    if (seat->session && seat->session->is_ready)
        session_send(seat->session, note);
}

/* A publisher without a socket goes on with all its layers. */
static void on_layers(struct seat *seat, const struct media_event *e) {
    struct buf b;
    if (!seat->session || !seat->session->is_ready || seat->resource[MEDIA_PUBLISH][0])
        return;
    buf_init(&b, NOTE_MAX_BYTES);
    proto_layers(&b, e->source, str_of(e->text));
    session_tell(seat->session, &b);
}

static void on_quality(struct seat *seat, const struct media_event *e) {
    enum media_peer_kind kind = seat->peer[MEDIA_PUBLISH] == e->peer ? MEDIA_PUBLISH : MEDIA_VIEW;
    struct buf b;
    lines_on_quality(seat, kind, str_of(e->text));
    if (!seat->session || !seat->session->is_ready)
        return;
    buf_init(&b, NOTE_MAX_BYTES);
    if (proto_quality(&b, kind, str_of(e->text)))
        session_tell(seat->session, &b);
    else
        buf_fini(&b);
}

void studio_on_media(struct hub *h, const struct media_event *e) {
    struct seat *seat = e->peer ? map_get(&h->peers, e->peer) : NULL;
    struct live *l;
    switch (e->type) {
    case MEDIA_EV_PEER_UP:
    case MEDIA_EV_PEER_DOWN:
        if (seat)
            on_peer(seat, e);
        break;
    case MEDIA_EV_TRACK_ON:
    case MEDIA_EV_TRACK_OFF:
        on_track(h, e);
        break;
    case MEDIA_EV_SLOTS:
        if (seat && e->text)
            on_slots(seat, e->text);
        break;
    case MEDIA_EV_LAYERS:
        if (seat && e->text)
            on_layers(seat, e);
        break;
    case MEDIA_EV_QUALITY:
        if (seat && e->text)
            on_quality(seat, e);
        break;
    case MEDIA_EV_SPEAKING:
        l = map_get(&h->rooms_no, e->room);
        if (l && l->state == LIVE_UP)
            director_speaking(l, e->circle, str_of(e->text));
        break;
    case MEDIA_EV_TAP_TRACK: /* the recorder's */
    case MEDIA_EV_TAP_GONE:
    case MEDIA_EV_CAPTURE:
        break;
    }
}
