#include "server/signaling/inside.h"

/* ---- the recorder ---- */

static void tell_recorder(struct live *l) {
    const struct hub_ops *ops = &l->h->ops;
    const char *screen = program_screen(&l->room);
    if (!l->is_recording)
        return;
    if (strcmp(l->shown_program, l->program.who) != 0) {
        STR_COPY(l->shown_program, str_of(l->program.who));
        ops->record_program(ops->ctx, l->id, l->shown_program);
    }
    if (strcmp(l->shown_screen, screen) != 0) {
        STR_COPY(l->shown_screen, str_of(screen));
        ops->record_screen(ops->ctx, l->id, l->shown_screen);
    }
}

void director_record(struct live *l) {
    const struct hub_ops *ops = &l->h->ops;
    bool is_long_empty =
        l->empty_since_us && l->h->now_us - l->empty_since_us >= (int64_t)HUB_RECORD_IDLE_S * 1000000;
    bool want = l->room.recording && l->room.life == LIFE_OPEN && !is_long_empty;
    if (want == l->is_recording)
        return;
    l->is_recording = want;
    if (want) {
        ops->record_start(ops->ctx, l->id, l->no);
        l->shown_program[0] = l->shown_screen[0] = 0;
        tell_recorder(l);
    } else {
        ops->record_stop(ops->ctx, l->id, false);
    }
}

/* ---- the picture ---- */

static bool same_picks(const struct live *l, const struct media_pick *picks, size_t n) {
    if (n != l->pick_count)
        return false;
    for (size_t i = 0; i < n; i++)
        if (strcmp(picks[i].member, l->pick_ids[i]) != 0 || picks[i].source != l->pick_sources[i])
            return false;
    return true;
}

static void show(struct live *l) {
    struct media_pick picks[PICKS_MAX];
    size_t n = program_picks(&l->program, &l->room, l->room.cfg.format->video_slots, picks, countof(picks));
    if (same_picks(l, picks, n))
        return;
    l->pick_count = n;
    for (size_t i = 0; i < n; i++) {
        STR_COPY(l->pick_ids[i], str_of(picks[i].member));
        l->pick_sources[i] = picks[i].source;
    }
    if (l->h->media)
        media_room_stage(l->h->media, l->no, picks, (unsigned)n);
}

static void on_program_due(struct hub *h, struct timer *t) {
    (void)h;
    director_update(container_of(t, struct live, program_timer));
}

void director_update(struct live *l) {
    struct hub *h = l->h;
    program_update(&l->program, &l->room, l->loudest, h->now_ms);
    show(l);
    tell_recorder(l);
    int64_t next_ms = program_next_ms(&l->program);
    /* Not sooner than a moment from now: a leader whom a spotlight holds back is due already. */
    int64_t wait_ms = next_ms == INT64_MAX ? 0 : next_ms - h->now_ms < 100 ? 100 : next_ms - h->now_ms;
    if (wait_ms && !l->room.spotlight[0])
        timer_set(h, &l->program_timer, h->now_us + wait_ms * 1000, on_program_due);
    else
        heap_drop(&h->timers, &l->program_timer.node);
}

void director_speaking(struct live *l, struct str ids) {
    struct str rest = ids, first = {"", 0};
    struct buf b;
    str_until(&rest, ',', &first);
    STR_COPY(l->loudest, first);
    buf_init(&b, NOTE_MAX_BYTES);
    proto_speaking(&b, ids);
    note_drop(l->speaking);
    l->speaking = note_of(&b);
    cast_note(l, note_hold(l->speaking));
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
        l->is_recording = false;
        if (l->room.recorded)
            ops->record_stop(ops->ctx, l->id, true);
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
