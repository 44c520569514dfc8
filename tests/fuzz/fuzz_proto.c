/* Any text as a client's message and as a line of the journal. What decodes holds its limits; an event that
 * parses is written, and the written form parses and writes the same again; a room evolves by it whatever it
 * says. */
#include "server/signaling/proto.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok) {
    if (!ok)
        abort();
}

static void message(struct str text) {
    struct msg m;
    const char *field;
    int err = proto_decode(&m, text, &field);
    check(err <= 0 && (err || !field));
    check(m.id <= PROTO_ID_MAX && m.source_count <= MEDIA_TRACKS_PER_PEER_MAX &&
          m.pick_count <= MEDIA_VIDEO_SLOTS_MAX);
    if (!err && m.type == MSG_COMMAND) {
        check((unsigned)m.cmd.type < CMD_COUNT && (unsigned)m.cmd.role < ROLE_COUNT &&
              (unsigned)m.cmd.source < MEDIA_SOURCE_COUNT && m.cmd.reason == REASON_NONE);
        check(!m.cmd.text.n || room_text_ok(m.cmd.text));
    }
    proto_fini(&m);
}

static void journal_line(struct str text) {
    static const struct format format = {.id = "f", .stage_max = 2, .video_slots = 1};
    struct event e, again;
    struct buf one, two;
    struct room r;
    if (proto_event_parse(&e, text))
        return;
    buf_init(&one, 1 << 20);
    buf_init(&two, 1 << 20);
    proto_event(&one, &e);
    check(!one.over && !proto_event_parse(&again, buf_view(&one)));
    proto_event(&two, &again);
    check(str_eq(buf_view(&one), buf_view(&two)));
    room_init(&r, &(struct room_cfg){&format, RECORD_NEVER, false, 0});
    room_evolve(&r, &(struct event){.seq = 1, .type = EV_JOINED, .who = "u1", .name = "U", .on = true});
    room_evolve(&r, &e);
    room_evolve(&r, &again);
    room_fini(&r);
    event_fini(&e);
    event_fini(&again);
    buf_fini(&one);
    buf_fini(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str text = {(const char *)data, size};
    message(text);
    journal_line(text);
    return 0;
}
