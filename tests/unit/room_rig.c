#include "tests/unit/room_rig.h"
#include <stdio.h>
#include "media/base/mem.h"

enum {
    SEND = CAN_PUBLISH_MIC | CAN_PUBLISH_CAMERA | CAN_PUBLISH_SCREEN,
    SPEAK = SEND | CAN_CHAT | CAN_HAND | CAN_STAGE_AUTO | CAN_STAGE_SELF,
    LEAD = SPEAK | CAN_MODERATE | CAN_RUN | CAN_RECORD | CAN_GRANT,
    PEOPLE = 12,
};

const struct format rig_webinar = {
    .id = "webinar",
    .name_uk = "Вебінар",
    .name_en = "Webinar",
    .can = {[ROLE_ATTENDEE] = CAN_PUBLISH_MIC | CAN_PUBLISH_CAMERA | CAN_CHAT | CAN_HAND,
            [ROLE_SPEAKER] = SPEAK,
            [ROLE_COHOST] = LEAD,
            [ROLE_HOST] = LEAD},
    .record = RECORD_AUTO,
    .stage_max = 4,
    .video_slots = 3,
};
const struct format rig_lesson = {
    .id = "lesson",
    .name_uk = "Урок",
    .name_en = "Lesson",
    .can = {[ROLE_ATTENDEE] =
                CAN_PUBLISH_MIC | CAN_PUBLISH_CAMERA | CAN_TALK | CAN_CHAT | CAN_HAND | CAN_STAGE_AUTO,
            [ROLE_SPEAKER] = SPEAK,
            [ROLE_COHOST] = LEAD,
            [ROLE_HOST] = LEAD},
    .lobby = true,
    .record = RECORD_MANUAL,
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

int rig_do(struct room *r, const char *by, struct command cmd, int64_t now_ms, struct events *es) {
    struct events own;
    struct events *out = es ? es : &own;
    events_init(out);
    struct actor a = {!by, by ? by : ""};
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

static void random_id(struct rig_rnd *rnd, char id[ROOM_ID_MAX + 1]) {
    uint32_t i = rig_next(rnd, PEOPLE + 2);
    if (i == PEOPLE)
        STR_COPY(*(char(*)[ROOM_ID_MAX + 1]) id, STR("*"));
    else if (i > PEOPLE)
        id[0] = 0;
    else
        snprintf(id, ROOM_ID_MAX + 1, "u%u", i);
}

void rig_random_command(struct rig_rnd *rnd, struct command *cmd, char by[ROOM_ID_MAX + 1], bool *is_system) {
    *cmd = (struct command){.type = (enum command_type)rig_next(rnd, CMD_COUNT)};
    if (cmd->type == CMD_END && rig_next(rnd, 60)) /* let most histories grow */
        cmd->type = CMD_JOIN;
    if (cmd->type == CMD_LEAVE || cmd->type == CMD_REMOVE || !rig_next(rnd, 5))
        cmd->type = rig_next(rnd, 3) ? CMD_JOIN : cmd->type;
    random_id(rnd, cmd->who);
    random_id(rnd, by);
    snprintf(cmd->name, sizeof cmd->name, "Імʼя %u", rig_next(rnd, 5));
    cmd->role = (enum role)rig_next(rnd, ROLE_COUNT);
    cmd->source = (enum media_source)rig_next(rnd, MEDIA_SOURCE_COUNT);
    cmd->reason = (enum reason)rig_next(rnd, REASON_COUNT);
    cmd->on = rig_next(rnd, cmd->type == CMD_REMOVE ? 9 : 2) == 1; /* few are banned */
    cmd->n = rig_next(rnd, 400);
    cmd->text = rig_next(rnd, 20) ? STR("добрий день") : STR(" ");
    *is_system = cmd->type == CMD_JOIN || cmd->type == CMD_CREATE || !rig_next(rnd, 10);
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
        e->text = (struct str){mem_strdup("текст"), 10};
}
