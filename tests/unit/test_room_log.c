/* room: what is true of every history. Random people give random commands; the log alone must give the same
 * state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "server/rooms/image.h"
#include "tests/unit/room_rig.h"

enum { HISTORIES = 300, COMMANDS = 640, AFTER_END = 20, EVENTS = 2000, DUMP_MAX = 1 << 20 };

static void dump(const struct room *r, struct buf *b) {
    buf_init(b, DUMP_MAX);
    room_dump(r, b);
    assert_false(b->over);
}

static void same(const struct room *a, const struct room *b) {
    struct buf x, y;
    dump(a, &x);
    dump(b, &y);
    assert_string_equal(x.p, y.p);
    buf_fini(&x);
    buf_fini(&y);
}

static void check_people(const struct room *r) {
    size_t staged = 0, hands = 0, n = 0;
    uint64_t last_hand = 0;
    for (int s = 0; s < MEMBER_STATE_COUNT; s++) {
        n = 0;
        list_each (&r->members[s], m, struct member, link) {
            n++;
            assert_int_equal(m->state, s);
            assert_ptr_equal(room_member(r, m->id), m);
            assert_true(s == MEMBER_PRESENT || (!m->staged && !m->sources && !m->hand_seq && !m->invited));
            assert_int_equal(m->sources & m->muted, 0); /* muted is off */
            assert_false(m->staged && m->invited);
            staged += m->staged;
            hands += m->hand_seq != 0;
        }
        assert_int_equal(n, r->count[s]);
    }
    assert_int_equal(staged, r->stage_count);
    assert_int_equal(hands, r->hand_count);
    list_each (&r->hands, m, struct member, hand_link) {
        assert_true(m->hand_seq > last_hand); /* the queue is in the order hands went up */
        last_hand = m->hand_seq;
    }
}

/* Also what only decided events guarantee. */
static void check_rules(const struct room *r) {
    unsigned screens[TABLES_MAX + 1] = {0};
    check_people(r);
    assert_true(r->stage_count <= r->cfg.format->stage_max);
    assert_false(r->recording && (r->life != LIFE_OPEN || r->cfg.record == RECORD_NEVER));
    list_each (&r->members[MEMBER_PRESENT], m, struct member, link) {
        assert_int_equal(m->sources & ~room_may_send(r, m), 0); /* nobody sends what he may not */
        screens[room_table(r, m)] += (m->sources & 1U << MEDIA_SCREEN) != 0;
        assert_true(m->table <= r->tables.count && (m->table || !m->table_out));
        assert_true(r->tables.is_open || !m->table_voice);
    }
    for (unsigned i = 0; i < r->channels.count; i++) { /* who is on the air is here, once, and may be */
        const struct channel *c = &r->channels.v[i];
        const struct member *m = room_present(r, c->air);
        assert_true(!c->air[0] || (m && member_interprets_to(m, c->lang) && room_on_air(r, m) == i + 1));
    }
    for (unsigned i = 0; i <= TABLES_MAX; i++) /* one in the plenary, one at each table */
        assert_true(screens[i] <= 1);
    if (r->life == LIFE_ENDED)
        assert_int_equal(r->count[MEMBER_PRESENT] + r->count[MEMBER_WAITING], 0);
}

/* One random command; whatever it causes is checked and evolved into both rooms. `is` is the dump of `live`.
 */
static void step(struct rig_rnd *rnd, struct room *live, struct room *replayed, int64_t now_ms,
                 struct buf *is) {
    struct command cmd;
    struct events es;
    struct buf after;
    char by[ROOM_ID_MAX + 1];
    bool is_system;
    rig_random_command(rnd, &cmd, by, &is_system);
    rig_aim(rnd, &cmd, live);
    char alias[ROOM_ID_MAX + 1];
    struct actor a = {is_system, is_system ? "" : by, alias};
    rig_alias(alias, a.id);
    enum life was = live->life;
    uint64_t seq = live->seq;
    events_init(&es);
    int err = room_decide(live, &a, &cmd, now_ms, &es);
    dump(live, &after);
    assert_string_equal(is->p, after.p); /* deciding changes nothing */
    buf_fini(&after);
    assert_true(!err || es.n == 0);
    assert_true(!err || es.why); /* a refusal has its sentence */
    assert_true(was != LIFE_ENDED || err == -ERR_EXPIRED);
    for (size_t i = 0; i < es.n; i++) {
        assert_int_equal(es.v[i].seq, ++seq);
        assert_int_equal(es.v[i].at_ms, now_ms);
        if (es.v[i].by[0] == '.') { /* what is done without a name has none anywhere */
            assert_string_equal(es.v[i].by, alias);
            assert_true(!es.v[i].who[0] || !strcmp(es.v[i].who, alias)); /* one's own question, taken back */
            assert_string_equal(es.v[i].name, "");
        } else {
            assert_string_equal(es.v[i].by, a.id);
        }
        room_evolve(live, &es.v[i]);
        room_evolve(replayed, &es.v[i]);
    }
    assert_int_equal(live->seq, seq);
    check_rules(live);
    if (es.n) {
        buf_fini(is);
        dump(live, is);
    }
    events_fini(&es);
}

/* What an image says, evolved into a room. */
static void recall(void *ctx, const struct event *e) {
    struct room *r = ctx;
    assert_true(e->seq > 0);
    room_evolve(r, e);
}

/* An image of it is the room, and says no more than it must. */
static void check_image(const struct room *r) {
    struct room again;
    room_init(&again, &(struct room_cfg){&rig_lesson, RECORD_NEVER, !r->lobby, 0});
    room_image(r, recall, &again);
    assert_true(again.seq <= r->seq || r->seq == 0);
    again.seq = r->seq;
    same(r, &again);
    room_fini(&again);
}

static void a_log_is_its_room(void **state) {
    (void)state;
    size_t ended = 0, busy = 0, answered = 0, shown = 0, voted = 0, seated = 0, aired = 0, drawn = 0,
           limited = 0, reported = 0, noted = 0, whole = 0, captioned = 0, captioners = 0, filmed = 0,
           deleted = 0;
    for (int h = 0; h < HISTORIES; h++) {
        struct rig_rnd rnd = {(uint64_t)h * 7919 + 1};
        const struct format *f = h % 2 ? &rig_webinar : &rig_lesson;
        struct room live, replayed;
        struct buf is;
        room_init(&live, &(struct room_cfg){f, (enum record_policy)(h % 3), h % 5 == 0, h % 7 ? 0 : 5});
        /* What a room is otherwise must not matter to a replay. */
        room_init(&replayed, &(struct room_cfg){&rig_lesson, RECORD_NEVER, h % 5 == 0, 0});
        dump(&live, &is);
        for (int i = 0, after = 0; i < COMMANDS && after < AFTER_END; i++) {
            step(&rnd, &live, &replayed, 1000 + i, &is);
            after += live.life == LIFE_ENDED;
            for (unsigned k = 0; k < live.channels.count; k++)
                aired += live.channels.v[k].air[0] != 0;
            if (i % 16 == 0 && live.seq && live.life != LIFE_ENDED)
                check_image(&live);
        }
        buf_fini(&is);
        same(&live, &replayed);
        ended += live.life == LIFE_ENDED;
        answered += live.answers_kept;
        voted += live.votes_kept;
        drawn += live.ink.count;
        limited += live.off[ROLE_ATTENDEE] != 0;
        reported += live.report_count;
        noted += live.notes.count;
        whole += live.notes.whole_n > 0;
        captioned += live.captions.count;
        filmed += live.film.clip_count;
        deleted += live.gone_count;
        list_each (&live.polls, p, struct poll, link) {
            shown += p->is_shown;
        }
        list_each (&live.members[MEMBER_PRESENT], m, struct member, link) {
            seated += room_table(&live, m) != 0;
            captioners += m->is_captioner;
        }
        busy += live.seq > 100;
        room_fini(&live);
        room_fini(&replayed);
    }
    assert_true(ended > 0 && ended < HISTORIES); /* the histories are not all of one kind */
    assert_true(busy > HISTORIES / 4);
    assert_true(drawn > HISTORIES / 20);
    assert_true(seated > HISTORIES / 20);
    assert_true(aired > HISTORIES / 20);
    assert_true(answered > HISTORIES / 5 && shown > HISTORIES / 20 && voted > HISTORIES / 5);
    assert_true(filmed > HISTORIES / 20);
    assert_true(limited > 0 && reported > 0 && deleted > 0);
    assert_true(noted > HISTORIES / 5 && whole > HISTORIES / 20);
    assert_true(captioned > HISTORIES / 5 && captioners > HISTORIES / 20);
}

static void evolving_is_total(void **state) {
    (void)state;
    for (int h = 0; h < HISTORIES / 10; h++) {
        struct rig_rnd rnd = {(uint64_t)h * 104729 + 1};
        struct room a, b;
        room_init(&a, &(struct room_cfg){&rig_webinar, RECORD_AUTO, false, 0});
        room_init(&b, &(struct room_cfg){&rig_webinar, RECORD_AUTO, false, 0});
        for (int i = 0; i < EVENTS; i++) {
            struct event e;
            rig_random_event(&rnd, &e);
            room_evolve(&a, &e);
            room_evolve(&b, &e);
            event_fini(&e);
        }
        same(&a, &b);
        room_fini(&a);
        room_fini(&b);
    }
}

static void join_raw(struct room *r, unsigned i, enum event_type type) {
    struct event e = {.seq = r->seq + 1, .type = type};
    snprintf(e.who, sizeof e.who, "g%u", i);
    STR_COPY(e.name, STR("Гість"));
    room_evolve(r, &e);
}

static void a_room_is_bounded(void **state) {
    (void)state;
    struct room r;
    room_init(&r, &(struct room_cfg){&rig_webinar, RECORD_NEVER, true, 0});
    for (unsigned i = 0; i < ROOM_MEMBERS_MAX + 100; i++)
        join_raw(&r, i, EV_JOINED);
    assert_int_equal(r.count[MEMBER_PRESENT], ROOM_MEMBERS_MAX);
    for (unsigned i = 0; i < ROOM_HANDS_MAX + 50; i++) {
        struct event hand = {.seq = r.seq + 1, .type = EV_HAND, .on = true};
        snprintf(hand.who, sizeof hand.who, "g%u", i);
        room_evolve(&r, &hand);
    }
    assert_int_equal(r.hand_count, ROOM_HANDS_MAX);
    struct events es;
    events_init(&es);
    struct command lower = {.type = CMD_LOWER, .who = "*"};
    assert_int_equal(room_decide(&r, &ACTOR_SYSTEM, &lower, 1, &es), 0);
    assert_int_equal(es.n, ROOM_HANDS_MAX);
    events_fini(&es);
    for (unsigned i = 0; i < ROOM_WAITING_MAX + 50; i++)
        join_raw(&r, 100000 + i, EV_WAITING);
    assert_int_equal(r.count[MEMBER_WAITING], ROOM_WAITING_MAX);
    for (unsigned round = 0; round < 3; round++) /* people come and go: only so many are remembered */
        for (unsigned i = 0; i < ROOM_MEMBERS_MAX; i++) {
            join_raw(&r, 200000 + round * ROOM_MEMBERS_MAX + i, EV_JOINED);
            struct event left = {.seq = r.seq + 1, .type = EV_LEFT};
            snprintf(left.who, sizeof left.who, "g%u", i);
            room_evolve(&r, &left);
        }
    assert_true(r.count[MEMBER_ABSENT] <= ROOM_ABSENT_MAX);
    check_people(&r);
    room_fini(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_is_its_room),
        cmocka_unit_test(evolving_is_total),
        cmocka_unit_test(a_room_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
