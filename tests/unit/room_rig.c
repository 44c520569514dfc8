#include "tests/unit/room_rig.h"
#include <stdio.h>
#include "media/base/mem.h"

enum {
    SEND = CAN_PUBLISH_MIC | CAN_PUBLISH_CAMERA | CAN_PUBLISH_SCREEN,
    SPEAK = SEND | CAN_CHAT | CAN_HAND | CAN_VOTE | CAN_ASK | CAN_ANONYMOUS | CAN_REACT | CAN_DIRECT |
            CAN_STAGE_AUTO | CAN_STAGE_SELF | CAN_SLIDES | CAN_VIDEO | CAN_NOTES | CAN_CAPTION,
    LEAD = SPEAK | CAN_MODERATE | CAN_RUN | CAN_RECORD | CAN_GRANT | CAN_POLL | CAN_ANSWER | CAN_DIRECT_ALL |
           CAN_TABLES | CAN_CHANNELS,
    PEOPLE = 12,
};

const struct format rig_webinar = {
    .id = "webinar",
    .name_uk = "Вебінар",
    .name_en = "Webinar",
    .can = {[ROLE_ATTENDEE] = CAN_PUBLISH_MIC | CAN_PUBLISH_CAMERA | CAN_CHAT | CAN_HAND | CAN_VOTE |
                              CAN_ASK | CAN_ANONYMOUS | CAN_REACT | CAN_DIRECT,
            [ROLE_SPEAKER] = SPEAK,
            [ROLE_COHOST] = LEAD,
            [ROLE_HOST] = LEAD},
    .record = RECORD_AUTO,
    .questions = QUESTIONS_MODERATED,
    .stage_max = 4,
    .video_slots = 3,
};
const struct format rig_lesson = {
    .id = "lesson",
    .name_uk = "Урок",
    .name_en = "Lesson",
    .can = {[ROLE_ATTENDEE] = CAN_PUBLISH_MIC | CAN_PUBLISH_CAMERA | CAN_TALK | CAN_CHAT | CAN_HAND |
                              CAN_STAGE_AUTO | CAN_VOTE | CAN_ASK | CAN_ANONYMOUS | CAN_REACT | CAN_DIRECT,
            [ROLE_SPEAKER] = SPEAK,
            [ROLE_COHOST] = LEAD,
            [ROLE_HOST] = LEAD},
    .lobby = true,
    .record = RECORD_MANUAL,
    .questions = QUESTIONS_MODERATED,
    .tables = true,
    .stage_max = 6,
    .video_slots = 6,
};

/* xorshift64* (Vigna, 2016): the same numbers on every machine. */
uint32_t rig_next(struct rig_rnd *r, uint32_t below) {
    r->x ^= r->x >> 12;
    r->x ^= r->x << 25;
    r->x ^= r->x >> 27;
    return (uint32_t)((r->x * 2685821657736338717ULL) >> 33) % below;
}

void rig_alias(char out[ROOM_ID_MAX + 1], const char *id) {
    snprintf(out, ROOM_ID_MAX + 1, ".%u%.28s", (unsigned)strlen(id), id);
}

int rig_do(struct room *r, const char *by, struct command cmd, int64_t now_ms, struct events *es) {
    struct events own;
    struct events *out = es ? es : &own;
    events_init(out);
    char alias[ROOM_ID_MAX + 1];
    struct actor a = {!by, by ? by : "", alias};
    rig_alias(alias, a.id);
    int err = room_decide(r, &a, &cmd, now_ms, out);
    for (size_t i = 0; i < out->n; i++)
        room_evolve(r, &out->v[i]);
    if (!es)
        events_fini(out);
    return err;
}

int rig_join(struct room *r, const char *id, enum role role) {
    struct command c = {.type = CMD_JOIN, .role = role};
    STR_COPY(c.who, str_of(id));
    snprintf(c.name, sizeof c.name, "Пан %s", id);
    return rig_do(r, NULL, c, 1000, NULL);
}

int rig_three(void **state, const struct format *format) {
    struct room *r = mem_zalloc(sizeof *r);
    room_init(r, &(struct room_cfg){format, RECORD_NEVER, false, 0});
    rig_join(r, "host", ROLE_HOST);
    rig_join(r, "sp", ROLE_SPEAKER);
    rig_join(r, "ann", ROLE_ATTENDEE);
    *state = r;
    return 0;
}

int rig_three_over(void **state) {
    room_fini(*state);
    mem_free(*state);
    return 0;
}

static void random_id(struct rig_rnd *rnd, char id[ROOM_ID_MAX + 1]) {
    uint32_t i = rig_next(rnd, PEOPLE + 2);
    if (i == PEOPLE)
        STR_COPY(*(char(*)[ROOM_ID_MAX + 1]) id, STR("*"));
    else if (i > PEOPLE)
        id[0] = 0;
    else
        snprintf(id, ROOM_ID_MAX + 1, "u%u", i);
}

static const struct str texts[] = {{"добрий день", 21}, {"Добрий  день", 22}, {"a", 1}},
                        lists[] = {{"", 0}, {"так\nні\n", 12}, {"a\nb\nc\n", 6}};

/* Words, a dot, a line, an arrow. */
static const struct str marks[] = {
    {"gAABAgI", 7}, {"BgABAAA", 7}, {"AAABAQE", 7}, {"AgABAQECAg", 10}, {"AwABAQECAg", 10}};

static void random_numbers(struct rig_rnd *rnd, struct numbers *v) {
    v->n = rig_next(rnd, 4);
    for (unsigned i = 0; i < v->n; i++)
        v->v[i] = rig_next(rnd, 4);
}

void rig_random_command(struct rig_rnd *rnd, struct command *cmd, char by[ROOM_ID_MAX + 1], bool *is_system) {
    *cmd = (struct command){.type = (enum command_type)rig_next(rnd, CMD_COUNT)};
    if (!rig_next(rnd, 3)) /* so that polls and questions have a life */
        cmd->type = (enum command_type)(CMD_POLL + rig_next(rnd, CMD_TABLES - CMD_POLL));
    else if (!rig_next(rnd, 12)) /* and tables */
        cmd->type = (enum command_type)(CMD_TABLES + rig_next(rnd, CMD_COUNT - CMD_TABLES));
    if (cmd->type == CMD_END && rig_next(rnd, 60)) /* let most histories grow */
        cmd->type = CMD_JOIN;
    if (cmd->type == CMD_LEAVE || cmd->type == CMD_REMOVE || !rig_next(rnd, 5))
        cmd->type = rig_next(rnd, 3) ? CMD_JOIN : cmd->type;
    random_id(rnd, cmd->who);
    random_id(rnd, by);
    if (cmd->type == CMD_AIR) /* mostly one goes on the air oneself */
        STR_COPY(cmd->who, str_of(by));
    snprintf(cmd->name, sizeof cmd->name, "Імʼя %u", rig_next(rnd, 5));
    cmd->role = (enum role)rig_next(rnd, ROLE_COUNT);
    cmd->source = (enum media_source)rig_next(rnd, MEDIA_SOURCE_COUNT);
    cmd->reason = (enum reason)rig_next(rnd, REASON_COUNT);
    cmd->on = rig_next(rnd, cmd->type == CMD_REMOVE ? 9 : 2) == 1; /* few are banned */
    cmd->n = rig_next(rnd, 3) ? rig_next(rnd, 400) : 0;
    cmd->text = rig_next(rnd, 20) ? texts[rig_next(rnd, countof(texts))] : STR(" ");
    cmd->list = rig_next(rnd, 20) ? lists[rig_next(rnd, countof(lists))] : STR("a");
    cmd->kind = (enum poll_kind)rig_next(rnd, POLL_KIND_COUNT + 1);
    cmd->amount = rig_next(rnd, 8);
    cmd->layout = (enum layout)rig_next(rnd, LAYOUT_COUNT + 1);
    cmd->ask = (enum ask_state)rig_next(rnd, ASK_STATE_COUNT + 1);
    cmd->size = rig_next(rnd, 12);
    cmd->set = rig_next(rnd, 3) ? 0 : rig_next(rnd, 8);
    random_numbers(rnd, &cmd->numbers);
    *is_system = cmd->type == CMD_JOIN || cmd->type == CMD_CREATE || cmd->type == CMD_DECK ||
                 cmd->type == CMD_CLIP || !rig_next(rnd, 10);
}

/* A question that can be put. */
static void shape(struct rig_rnd *rnd, struct command *cmd) {
    cmd->kind = (enum poll_kind)rig_next(rnd, POLL_KIND_COUNT);
    cmd->text = texts[0];
    cmd->list = lists[cmd->kind == POLL_SCALE || cmd->kind == POLL_WORDS ? 0 : 2];
    cmd->set = cmd->kind == POLL_SINGLE ? rig_next(rnd, 8) : 0;
    cmd->size = 5;
    cmd->n = 0;
}

static uint64_t any_question(struct rig_rnd *rnd, const struct room *r) {
    size_t i = r->ask_count ? rig_next(rnd, (uint32_t)r->ask_count) : 0;
    list_each (&r->asks, q, struct question, link) {
        if (i-- == 0)
            return q->n;
    }
    return 0;
}

static uint64_t any_deck(struct rig_rnd *rnd, const struct room *r) {
    size_t i = rig_next(rnd, (uint32_t)r->slides.deck_count + 1);
    list_each (&r->slides.decks, d, struct deck, link) {
        if (i-- == 0)
            return d->n;
    }
    return 0;
}

static void aim_video(struct rig_rnd *rnd, struct command *cmd, const struct room *r) {
    size_t i = rig_next(rnd, (uint32_t)r->film.clip_count + 1);
    if (cmd->type == CMD_CLIP)
        cmd->text = texts[0];
    if (cmd->type == CMD_VIDEO && rig_next(rnd, 4))
        cmd->size = rig_next(rnd, 2) ? 150 : 0;
    list_each (&r->film.clips, c, struct clip, link) {
        if (i-- == 0)
            cmd->n = c->n;
    }
}

/* At a message, a report, somebody banned, if there is one. */
static void aim_order(struct rig_rnd *rnd, struct command *cmd, const struct room *r) {
    if (cmd->type == CMD_LIMIT)
        cmd->role = (enum role)rig_next(rnd, ROLE_SPEAKER + 1);
    if (cmd->type == CMD_REPORT && r->chat_count)
        cmd->n = room_chat_at(r, rig_next(rnd, (uint32_t)r->chat_count))->seq;
    if (cmd->type == CMD_REPORT_DONE && r->report_count)
        cmd->n = list_entry(r->reports.next, struct room_report, link)->n;
    if (cmd->type == CMD_UNBAN && r->count[MEMBER_BANNED])
        STR_COPY(cmd->who, str_of(list_entry(r->members[MEMBER_BANNED].next, struct member, link)->id));
    bool is_edit = cmd->type == CMD_CHAT_EDIT || cmd->type == CMD_UNCHAT || cmd->type == CMD_REPORT;
    if (is_edit && r->direct_count && rig_next(rnd, 2))
        cmd->n = room_direct_at(r, rig_next(rnd, (uint32_t)r->direct_count))->seq;
}

/* Of two languages, some with their author's own number; and changes of lines there are. */
static void aim_caption(struct rig_rnd *rnd, struct command *cmd, const struct room *r) {
    STR_COPY(cmd->name, rig_next(rnd, 2) ? STR("uk") : STR("en"));
    cmd->text = texts[0];
    if (cmd->type == CMD_CAPTION)
        cmd->n = rnd->x % 2 ? 1 + rnd->x % 19 : 0;
    else if (r->captions.count)
        cmd->n = captions_at(&r->captions, rig_next(rnd, (uint32_t)r->captions.count))->seq;
}

/* Some bytes, and for a whole one of the updates there are. */
static void aim_note(struct rig_rnd *rnd, struct command *cmd, const struct room *r) {
    static const struct str data[] = {{"AQID", 4}, {"AQI=", 4}, {"AQIDBAUG", 8}};
    size_t i = r->notes.count ? rig_next(rnd, (uint32_t)r->notes.count) : 0;
    cmd->text = data[rig_next(rnd, countof(data))];
    list_each (&r->notes.updates, u, struct note_update, link) {
        if (i-- == 0)
            cmd->n = u->n;
    }
}

/* Two languages mostly, and somebody who interprets into one of them. */
static void aim_channel(struct rig_rnd *rnd, struct command *cmd, const struct room *r) {
    static const struct str langs[] = {
        {"en\nuk\n", 6}, {"uk\nen\n", 6}, {"uk\n", 3}, {"pl\nen\n", 6}, {"", 0}};
    cmd->list = langs[rig_next(rnd, 4) ? 0 : rig_next(rnd, countof(langs))];
    STR_COPY(cmd->name, rig_next(rnd, 2) ? STR("en") : STR("uk"));
    if (cmd->type == CMD_AIR && !rig_next(rnd, 6))
        cmd->who[0] = 0;
    list_each (&r->members[MEMBER_PRESENT], m, struct member, link) {
        if (cmd->type == CMD_AIR && cmd->who[0] && member_interprets(m) && !rig_next(rnd, 4))
            STR_COPY(cmd->who, str_of(m->id));
    }
}

void rig_aim(struct rig_rnd *rnd, struct command *cmd, const struct room *r) {
    aim_order(rnd, cmd, r);
    size_t i = r->poll_count ? rig_next(rnd, (uint32_t)r->poll_count) : 0;
    if (cmd->type == CMD_CHAT) /* some have their author's own number */
        cmd->n = rnd->x % 2 ? 1 + rnd->x % 199 : 0;
    if (cmd->type >= CMD_CHAT_EDIT && cmd->type <= CMD_CHAT_PIN && r->chat_count && rig_next(rnd, 2))
        cmd->n = room_chat_at(r, rig_next(rnd, (uint32_t)r->chat_count))->seq;
    if (cmd->type >= CMD_ASK_VOTE && cmd->type <= CMD_ASK_MERGE && rig_next(rnd, 8)) {
        cmd->n = any_question(rnd, r);
        cmd->amount = any_question(rnd, r);
        if (cmd->ask != ASK_ANSWERED)
            cmd->text = (struct str){NULL, 0};
    }
    if (cmd->type >= CMD_CLIP && cmd->type <= CMD_VIDEO && rig_next(rnd, 8))
        aim_video(rnd, cmd, r);
    if (cmd->type == CMD_BOARD)
        cmd->text = texts[0];
    if (cmd->type >= CMD_NOTE && cmd->type <= CMD_NOTE_WHOLE && rig_next(rnd, 8))
        aim_note(rnd, cmd, r);
    if (cmd->type >= CMD_CAPTION && cmd->type <= CMD_CAPTION_DROP && rig_next(rnd, 8))
        aim_caption(rnd, cmd, r);
    if (cmd->type >= CMD_DECK_DROP && cmd->type <= CMD_INK_CLEAR && rig_next(rnd, 4))
        cmd->n = any_deck(rnd, r);
    if (cmd->type == CMD_INK && rig_next(rnd, 8)) {
        cmd->list = marks[rig_next(rnd, countof(marks))];
        cmd->text = str_eq(cmd->list, marks[1]) ? texts[0] : (struct str){NULL, 0};
    }
    if (cmd->type == CMD_INK_DROP && r->ink.count && rig_next(rnd, 4))
        cmd->n = list_entry(r->ink.marks.next, struct mark, link)->n;
    if (cmd->type >= CMD_TABLE && cmd->type <= CMD_TABLE_HELP && rig_next(rnd, 4))
        cmd->n = rig_next(rnd, r->tables.count + 1);
    if (cmd->type == CMD_SEAT)
        cmd->list = rig_next(rnd, 2) ? STR("u1\nu2\nu3\n") : STR("");
    if (cmd->type >= CMD_CHANNELS && cmd->type <= CMD_AIR)
        aim_channel(rnd, cmd, r);
    if (cmd->type < CMD_POLL || cmd->type > CMD_POLL_ANSWER || !rig_next(rnd, 4))
        return;
    if (cmd->type == CMD_POLL && r->poll_count < 5) {
        shape(rnd, cmd);
        return;
    }
    list_each (&r->polls, p, struct poll, link) {
        if (i-- > 0)
            continue;
        cmd->n = p->n;
        if (cmd->type == CMD_POLL) /* few, but with a life */
            cmd->type = p->state == POLL_DRAFT ? CMD_POLL_OPEN : CMD_POLL_ANSWER;
        if (cmd->type == CMD_POLL_ANSWER && p->kind == POLL_WORDS)
            cmd->numbers.n = 0;
        else if (cmd->type == CMD_POLL_ANSWER)
            cmd->text = (struct str){NULL, 0};
        if (cmd->type == CMD_POLL_ANSWER && (p->kind == POLL_SINGLE || p->kind == POLL_SCALE))
            cmd->numbers.n = 1;
        return;
    }
}

void rig_random_event(struct rig_rnd *rnd, struct event *e) {
    *e = (struct event){.seq = rig_next(rnd, 1000), .at_ms = rig_next(rnd, 100000)};
    e->type = (enum event_type)rig_next(rnd, EV_COUNT + 1);
    if (e->type == EV_ENDED && rig_next(rnd, 200))
        e->type = EV_JOINED;
    random_id(rnd, e->by);
    random_id(rnd, e->who);
    snprintf(e->name, sizeof e->name, "Імʼя %u", rig_next(rnd, 5));
    e->role = (enum role)rig_next(rnd, ROLE_COUNT + 1);
    e->source = (enum media_source)rig_next(rnd, MEDIA_SOURCE_COUNT + 1);
    e->reason = (enum reason)rig_next(rnd, REASON_COUNT);
    e->on = rig_next(rnd, 2);
    e->n = rig_next(rnd, 1000);
    if (rig_next(rnd, 2))
        e->text = room_dup(e->type == EV_NOTE || e->type == EV_NOTE_WHOLE ? STR("AQID") : STR("текст"));
    if (rig_next(rnd, 2))
        e->list = room_dup(rig_next(rnd, 2) ? marks[rig_next(rnd, countof(marks))]
                                            : lists[rig_next(rnd, countof(lists))]);
    e->kind = (enum poll_kind)rig_next(rnd, POLL_KIND_COUNT + 1);
    e->amount = rig_next(rnd, 5);
    if (e->type == EV_CAPTION)
        STR_COPY(e->name, STR("uk"));
    e->ask = (enum ask_state)rig_next(rnd, ASK_STATE_COUNT + 1);
    e->size = rig_next(rnd, 12);
    e->layout = (enum layout)rig_next(rnd, LAYOUT_COUNT + 1);
    e->set = rig_next(rnd, 3) ? 0 : rig_next(rnd, 8);
    random_numbers(rnd, &e->numbers);
}
