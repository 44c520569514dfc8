#include "server/signaling/director.h"
#include "server/signaling/live.h"
#include "server/signaling/seat.h"

void director_init(struct director *d) { *d = (struct director){0}; }
void director_fini(struct director *d) {
    for (unsigned i = 0; i < MEDIA_CIRCLES; i++)
        note_drop(d->speaking[i]);
}

/* ---- the recorder ---- */

static void tell_recorder(struct live *l) {
    const struct hub_ops *ops = &l->h->ops;
    struct media_pick screen = program_screen(&l->room);
    if (!l->director.is_recording)
        return;
    if (strcmp(l->director.program_told, l->director.program.who) != 0) {
        STR_COPY(l->director.program_told, str_of(l->director.program.who));
        ops->record_program(ops->ctx, l->id, l->director.program_told);
    }
    if (strcmp(l->director.screen_told, screen.member) != 0 || l->director.screen_source != screen.source) {
        STR_COPY(l->director.screen_told, str_of(screen.member));
        l->director.screen_source = screen.source;
        ops->record_screen(ops->ctx, l->id, l->director.screen_told, screen.source);
    }
}

void director_channels(struct live *l) {
    if (l->director.is_recording)
        l->h->ops.record_channels(l->h->ops.ctx, l->id, &l->room.channels);
}

static void on_record_again(struct hub *h, struct timer *t) {
    (void)h;
    director_record(container_of(t, struct live, record));
}
void director_record(struct live *l) {
    const struct hub_ops *ops = &l->h->ops;
    bool is_long_empty =
        l->empty_since_us && l->h->now_us - l->empty_since_us >= (int64_t)HUB_RECORD_IDLE_S * HUB_SECOND_US;
    bool want = l->room.recording && l->room.life == LIFE_OPEN && !is_long_empty;
    if (want == l->director.is_recording || l->h->is_stopping)
        return;
    if (want && timer_is_set(&l->record))
        return; /* there was no place a moment ago */
    if (l->room.life == LIFE_ENDED)
        return; /* the end is on its way to the disk: one order then closes the take and the recording */
    l->director.is_recording = want;
    if (want) {
        if (ops->record_start(ops->ctx, l->id, l->no)) {
            l->director.is_recording = false;
            timer_set(l->h, &l->record, l->h->now_us + (int64_t)HUB_RECORD_RETRY_S * HUB_SECOND_US,
                      on_record_again);
            return;
        }
        l->director.program_told[0] = l->director.screen_told[0] = 0;
        tell_recorder(l);
        director_channels(l);
    } else {
        ops->record_stop(ops->ctx, l->id, false);
    }
}

/* ---- the picture ---- */

static bool same_picks(const struct live *l, const struct media_pick *picks, size_t n) {
    if (n != l->director.pick_count)
        return false;
    for (size_t i = 0; i < n; i++)
        if (strcmp(picks[i].member, l->director.pick_ids[i]) != 0 ||
            picks[i].source != l->director.pick_sources[i])
            return false;
    return true;
}

static void show(struct live *l) {
    struct media_pick picks[MEDIA_ROOM_STAGE_MAX];
    size_t n =
        program_picks(&l->director.program, &l->room, l->room.cfg.format->video_slots, picks, countof(picks));
    if (same_picks(l, picks, n))
        return;
    l->director.pick_count = n;
    for (size_t i = 0; i < n; i++) {
        STR_COPY(l->director.pick_ids[i], str_of(picks[i].member));
        l->director.pick_sources[i] = picks[i].source;
    }
    if (l->h->media)
        media_room_stage(l->h->media, l->no, picks, (unsigned)n);
}

/* ---- what is for hosts only ---- */

static bool sees_all(const struct seat *seat) {
    const struct member *m = room_present(&seat->live->room, seat->id);
    return m && (room_can(&seat->live->room, m) & CAN_MODERATE);
}

/* What is wanted at a table, 0: in the plenary. */
static size_t host_picks(struct live *l, unsigned table, struct media_pick *out, size_t max) {
    return table
               ? program_table_picks(&l->room, table, true, out, max)
               : program_picks_all(&l->director.program, &l->room, l->room.cfg.format->video_slots, out, max);
}

/* While attendees' cameras are for hosts only, the hosts' views want more than the room's picture, unless
 * they chose for themselves. */
static void show_hosts(struct live *l) {
    struct media_pick picks[MEDIA_ROOM_STAGE_MAX];
    size_t n = 0;
    uint64_t now = 0;
    for (unsigned i = 0; l->room.cameras_to_hosts && i <= l->room.tables.count; i++)
        now = now * 31 + circles_digest(picks, host_picks(l, i, picks, countof(picks)));
    if (now == l->director.hosts_told || !l->h->media)
        return;
    l->director.hosts_told = now;
    list_each (&l->seats, seat, struct seat, link) {
        if (!seat->peer[MEDIA_VIEW] || seat->chose || !sees_all(seat))
            continue;
        n = l->room.cameras_to_hosts ? host_picks(l, seat->circle, picks, countof(picks)) : 0;
        media_view_want(l->h->media, seat->peer[MEDIA_VIEW], picks, (unsigned)n);
    }
}

void director_anew(struct live *l) {
    l->director.hosts_told = l->room.cameras_to_hosts ? UINT64_MAX : l->director.hosts_told;
    show_hosts(l);
}

/* Whoever may not see attendees' cameras any more sees what all see. */
static void close_eyes(struct live *l) {
    list_each (&l->seats, seat, struct seat, link) {
        if (!l->h->media || !seat->peer[MEDIA_VIEW] || !l->room.cameras_to_hosts || sees_all(seat))
            continue;
        seat->chose = false;
        media_view_want(l->h->media, seat->peer[MEDIA_VIEW], NULL, 0);
    }
}

static void on_program_due(struct hub *h, struct timer *t) {
    (void)h;
    director_update(container_of(t, struct live, director.timer));
}

void director_update(struct live *l) {
    struct hub *h = l->h;
    program_update(&l->director.program, &l->room, l->director.loudest, h->now_ms);
    show(l);
    circles_show(l);
    show_hosts(l);
    tell_recorder(l);
    int64_t next_ms = program_next_ms(&l->director.program);
    /* Not sooner than a moment from now: a leader whom a spotlight holds back is due already. */
    int64_t wait_ms = next_ms == INT64_MAX ? 0 : next_ms - h->now_ms < 100 ? 100 : next_ms - h->now_ms;
    if (wait_ms && !l->room.spotlight[0])
        timer_set(h, &l->director.timer, h->now_us + wait_ms * 1000, on_program_due);
    else
        timer_drop(h, &l->director.timer);
}

void director_speaking(struct live *l, unsigned circle, struct str ids) {
    struct director *d = &l->director;
    struct str rest = ids, first = {"", 0};
    struct buf b;
    if (circle >= MEDIA_CIRCLES)
        return;
    buf_init(&b, NOTE_MAX_BYTES);
    proto_speaking(&b, ids);
    note_drop(d->speaking[circle]);
    d->speaking[circle] = note_of(&b);
    cast_circle(l, circle, d->speaking[circle]);
    if (circle)
        return;
    str_until(&rest, ',', &first);
    STR_COPY(d->loudest, first);
    director_update(l);
}

void director_on_event(struct live *l, const struct event *e) {
    const struct hub_ops *ops = &l->h->ops;
    switch (e->type) {
    case EV_JOINED: /* an empty room's recording goes on when somebody comes */
    case EV_OPENED:
    case EV_RECORDING:
        director_record(l);
        break;
    case EV_ENDED:
        l->director.is_recording = false;
        if (l->room.recorded)
            ops->record_stop(ops->ctx, l->id, true);
        break;
    case EV_CAMERAS:
    case EV_ROLE:
        close_eyes(l);
        /* fallthrough */
    case EV_TABLES:
    case EV_SEATED:
    case EV_TABLES_OPEN:
    case EV_TABLE_VOICE:
        l->director.hosts_told = l->room.cameras_to_hosts ? UINT64_MAX : l->director.hosts_told;
        director_update(l);
        break;
    case EV_LEFT:
    case EV_REMOVED:
    case EV_SOURCE:
    case EV_MUTED:
    case EV_UNSTAGED:
    case EV_SPOTLIGHT:
        director_update(l);
        break;
    default: /* changes no picture */
        break;
    }
}
