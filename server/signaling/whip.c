#include "server/signaling/whip.h"
#include <stdio.h>
#include "media/base/mem.h"
#include "media/base/rnd.h"
#include "server/signaling/live.h"
#include "server/signaling/studio.h"

static void done(struct whip_wait *w, const struct whip_answer *a) {
    w->done(w->ctx, a);
    mem_free(w->offer);
    mem_free(w);
}

void whip_refuse(struct whip_wait *w, int err, const char *text) {
    done(w, &(struct whip_answer){.err = err, .text = text ? text : err_text(err)});
}

static int admit(const struct hub *h, const char *room, struct str text, struct ticket *t, const char **why) {
    int err = hub_ticket(h, t, text);
    *why = err == -ERR_EXPIRED ? "The ticket is over." : "The ticket is not one of this server's.";
    if (err)
        return -ERR_AUTH;
    *why = "The ticket is for another room.";
    return strcmp(t->room, room) != 0 || !room_id_ok(str_of(t->sub)) ? -ERR_AUTH : 0;
}

int whip_member(const struct hub *h, const char *room, struct str ticket, char member[ROOM_ID_MAX + 1]) {
    struct ticket t;
    const char *why;
    int err = admit(h, room, ticket, &t, &why);
    if (!err)
        snprintf(member, ROOM_ID_MAX + 1, "%s", t.sub);
    return err;
}

void whip_post(struct hub *h, enum media_peer_kind kind, const char *room, struct str ticket,
               struct str offer, whip_done_fn *fn, void *ctx) {
    struct whip_wait *w = mem_zalloc(sizeof *w);
    w->kind = kind;
    w->done = fn;
    w->ctx = ctx;
    list_init(&w->link);
    const char *why;
    int err = admit(h, room, ticket, &w->ticket, &why);
    if (err) {
        whip_refuse(w, err, why);
        return;
    }
    if (!offer.n || offer.n > MEDIA_SDP_MAX_BYTES) {
        whip_refuse(w, offer.n ? -ERR_TOO_LARGE : -ERR_INVALID, "The offer is empty or too large.");
        return;
    }
    struct live *l = h->media && !h->is_stopping ? hub_live(h, room) : NULL;
    if (!l) {
        whip_refuse(w, -ERR_BUSY, "Nothing more can be carried at the moment.");
        return;
    }
    w->offer = mem_strndup(offer.p, offer.n);
    w->offer_n = offer.n;
    if (l->state == LIVE_LOADING)
        list_put(&l->whips, &w->link);
    else
        whip_enter(l, w);
    hub_sweep(h);
}

/* What this member would be refused, or 0. */
static int judge(const struct room *r, const struct member *m, enum media_peer_kind kind, const char **why) {
    if (m->state != MEMBER_PRESENT) {
        *why = "This event has a lobby, which can only be passed in the browser.";
        return -ERR_DENIED;
    }
    if (kind == MEDIA_PUBLISH && !room_may_publish(r, m)) {
        *why = "The ticket's role may not send media.";
        return -ERR_DENIED;
    }
    if (!room_may_view(r, m)) {
        *why = "The event is not open yet.";
        return -ERR_CONFLICT;
    }
    if (kind == MEDIA_PUBLISH && !room_may_send(r, m)) {
        *why = "Only people on stage send media.";
        return m->role == ROLE_ATTENDEE ? -ERR_DENIED : -ERR_CONFLICT;
    }
    return 0;
}

void whip_enter(struct live *l, struct whip_wait *w) {
    const char *why = NULL;
    int err = seat_join(l, &w->ticket, &why);
    struct seat *seat = err ? NULL : seat_make(l, w->ticket.sub);
    if (!err && !seat)
        err = -ERR_FULL;
    if (!err)
        err = judge(&l->room, room_member(&l->room, w->ticket.sub), w->kind, &why);
    if (err) {
        whip_refuse(w, err, why);
        if (seat)
            seat_unhold(seat, REASON_LEFT);
    } else {
        live_queue(l, ITEM_WHIP)->whip = w;
    }
    live_flush(l);
}

void whip_arrive(struct live *l, struct whip_wait *w) {
    struct seat *seat = seat_get(l, w->ticket.sub);
    const struct member *m = room_present(&l->room, w->ticket.sub);
    char sentence[160] = "";
    struct buf sdp;
    if (!seat || !m) {
        whip_refuse(w, -ERR_CONFLICT, "The member has left.");
        return;
    }
    struct media_peer_spec spec = {.kind = w->kind,
                                   .room = l->no,
                                   .member = seat->id,
                                   .offer = {w->offer, w->offer_n},
                                   .allow = room_may_publish(&l->room, m),
                                   .video_slots = l->room.cfg.format->video_slots,
                                   .video = l->room.cfg.format->video};
    if (w->kind == MEDIA_PUBLISH)
        studio_unmute(seat);
    buf_init(&sdp, MEDIA_SDP_MAX_BYTES);
    int err = studio_open(seat, &spec, &sdp, sentence);
    if (err) {
        whip_refuse(w, err, sentence[0] ? sentence : NULL);
        seat_unhold(seat, REASON_LEFT);
    } else {
        struct whip_answer a = {.sdp = buf_view(&sdp), .member = seat->id};
        rnd_id(a.resource, WHIP_RESOURCE_MAX);
        STR_COPY(seat->resource[w->kind], str_of(a.resource));
        if (w->kind == MEDIA_PUBLISH) {
            seat->fresh = UINT32_MAX;
            studio_gate(seat, true);
        }
        smap_put(&l->h->resources, str_of(a.resource), seat);
        timer_drop(l->h, &seat->grace);
        done(w, &a);
    }
    buf_fini(&sdp);
}

/* The resource's seat, if the ticket is its owner's. */
static int find(struct hub *h, const char *resource, struct str ticket, struct seat **seat,
                enum media_peer_kind *kind) {
    struct ticket t;
    /* A session may outlive its ticket: to change or end it, an authentic one is enough, so the time is not
     * asked. */
    int err = ticket_verify(&t, ticket, (struct bytes){h->key, sizeof h->key}, 0);
    if (err)
        return err;
    *seat = smap_get(&h->resources, str_of(resource));
    if (!*seat)
        return -ERR_MISSING;
    if (strcmp((*seat)->id, t.sub) != 0 || strcmp((*seat)->live->id, t.room) != 0)
        return -ERR_DENIED;
    *kind = strcmp((*seat)->resource[MEDIA_PUBLISH], resource) ? MEDIA_VIEW : MEDIA_PUBLISH;
    return 0;
}

int whip_patch(struct hub *h, const char *resource, struct str ticket, struct str fragment,
               struct buf *answer, char sentence[160]) {
    struct seat *seat;
    enum media_peer_kind kind;
    sentence[0] = 0;
    int err = find(h, resource, ticket, &seat, &kind);
    return err ? err : media_peer_fragment(h->media, seat->peer[kind], fragment, answer, sentence);
}

int whip_delete(struct hub *h, const char *resource, struct str ticket) {
    struct seat *seat;
    enum media_peer_kind kind;
    int err = find(h, resource, ticket, &seat, &kind);
    if (err)
        return err;
    struct live *l = seat->live;
    studio_close(seat, kind);
    if (kind == MEDIA_PUBLISH)
        studio_sources_off(seat);
    seat_unhold(seat, REASON_LEFT);
    live_flush(l);
    hub_sweep(h);
    return 0;
}
