/* proto: every row decodes and is refused as PROTOCOL.md says; events survive the journal; the document has
 * them all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/signaling/proto.h"
#include "tests/unit/room_rig.h"

static int decode(struct msg *m, const char *text, const char **field) {
    return proto_decode(m, str_of(text), field);
}

static void good_messages(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum msg_type type;
        enum command_type command;
    } rows[] = {
        {"{\"type\":\"join\",\"ticket\":\"a.b.c\"}", MSG_JOIN, CMD_COUNT},
        {"{\"type\":\"join\",\"id\":1,\"ticket\":\"t\",\"since\":9,\"client\":\"web/1\"}", MSG_JOIN,
         CMD_COUNT},
        {"{\"type\":\"ping\"}", MSG_PING, CMD_COUNT},
        {"{\"type\":\"publish\",\"sdp\":\"v=0\"}", MSG_PUBLISH, CMD_COUNT},
        {"{\"type\":\"view\",\"sdp\":\"v=0\"}", MSG_VIEW, CMD_COUNT},
        {"{\"type\":\"restart\",\"kind\":\"view\",\"sdp\":\"v=0\"}", MSG_RESTART, CMD_COUNT},
        {"{\"type\":\"unpublish\"}", MSG_UNPUBLISH, CMD_COUNT},
        {"{\"type\":\"want\",\"picks\":[]}", MSG_WANT, CMD_COUNT},
        {"{\"type\":\"draw\",\"slots\":[]}", MSG_DRAW, CMD_COUNT},
        {"{\"type\":\"audio_only\",\"on\":true}", MSG_AUDIO_ONLY, CMD_COUNT},
        {"{\"type\":\"save\",\"on\":true}", MSG_SAVE, CMD_COUNT},
        {"{\"type\":\"leave\"}", MSG_COMMAND, CMD_LEAVE},
        {"{\"type\":\"lobby\",\"on\":false}", MSG_COMMAND, CMD_LOBBY},
        {"{\"type\":\"admit\",\"who\":\"*\"}", MSG_COMMAND, CMD_ADMIT},
        {"{\"type\":\"stage\"}", MSG_COMMAND, CMD_STAGE},
        {"{\"type\":\"stage\",\"who\":\"u1\"}", MSG_COMMAND, CMD_STAGE},
        {"{\"type\":\"source\",\"source\":\"screen_audio\",\"on\":true}", MSG_COMMAND, CMD_SOURCE},
        {"{\"type\":\"mute\",\"who\":\"u1\"}", MSG_COMMAND, CMD_MUTE},
        {"{\"type\":\"remove\",\"who\":\"u1\",\"ban\":true}", MSG_COMMAND, CMD_REMOVE},
        {"{\"type\":\"chat\",\"text\":\"Вітаю\"}", MSG_COMMAND, CMD_CHAT},
        {"{\"type\":\"unchat\",\"n\":7}", MSG_COMMAND, CMD_UNCHAT},
        {"{\"type\":\"role\",\"who\":\"u1\",\"role\":\"cohost\"}", MSG_COMMAND, CMD_ROLE},
        {"{\"type\":\"spotlight\",\"who\":\"\"}", MSG_COMMAND, CMD_SPOTLIGHT},
        {"{\"type\":\"record\",\"on\":true,\"unknown\":{\"deep\":[1]}}", MSG_COMMAND, CMD_RECORD},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct msg m;
        const char *field;
        assert_int_equal(decode(&m, rows[i].text, &field), 0);
        assert_null(field);
        assert_int_equal(m.type, rows[i].type);
        assert_int_equal(m.cmd.type, rows[i].command);
        proto_fini(&m);
    }
}

static void values_arrive(void **state) {
    struct msg m;
    const char *field;
    (void)state;
    assert_int_equal(
        decode(&m,
               "{\"type\":\"publish\",\"id\":2147483647,\"sdp\":\"v=0\\r\\n\",\"sources\":{\"0\":\"mic\","
               "\"x\":\"screen\"}}",
               &field),
        0);
    assert_int_equal(m.id, PROTO_ID_MAX);
    assert_true(str_is(m.sdp, "v=0\r\n"));
    assert_int_equal(m.source_count, 2);
    assert_string_equal(m.sources[1].mid, "x");
    assert_int_equal(m.sources[1].source, MEDIA_SCREEN);
    proto_fini(&m);
    assert_int_equal(
        decode(&m, "{\"type\":\"want\",\"picks\":[{\"who\":\"u1\",\"source\":\"camera\"},null]}", &field), 0);
    assert_int_equal(m.pick_count, 2);
    assert_string_equal(m.picks[0].who, "u1");
    assert_int_equal(m.picks[0].source, MEDIA_CAMERA);
    assert_string_equal(m.picks[1].who, "");
    proto_fini(&m);
    assert_int_equal(
        decode(&m, "{\"type\":\"draw\",\"slots\":[{\"mid\":\"3\",\"h\":360},{\"mid\":\"v\",\"h\":0}]}",
               &field),
        0);
    assert_int_equal(m.draw_count, 2);
    assert_string_equal(m.draw[0].mid, "3");
    assert_int_equal(m.draw[0].height, 360);
    assert_int_equal(m.draw[1].height, 0);
    proto_fini(&m);
    /* The client's word about who it is means nothing: identity is not even read. */
    assert_int_equal(
        decode(&m, "{\"type\":\"chat\",\"text\":\"x\",\"by\":\"host\",\"name\":\"Host\",\"role\":\"host\"}",
               &field),
        0);
    assert_string_equal(m.cmd.who, "");
    assert_string_equal(m.cmd.name, "");
    assert_int_equal(m.cmd.role, 0);
    proto_fini(&m);
}

static void bad_messages(void **state) {
    (void)state;
    static const struct {
        const char *text, *field;
        int err;
    } rows[] = {
        {"", NULL, -ERR_INVALID},
        {"{", NULL, -ERR_INVALID},
        {"[]", NULL, -ERR_INVALID},
        {"\"ping\"", NULL, -ERR_INVALID},
        {"{\"type\":\"ping\",\"type\":\"ping\"}", NULL, -ERR_INVALID}, /* duplicate key */
        {"{\"type\":\"ping\",\"x\":\"\xff\"}", NULL, -ERR_INVALID},
        {"{\"type\":\"ping\"} x", NULL, -ERR_INVALID},
        {"{\"type\":\"ping\",\"x\":[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]}", NULL, -ERR_INVALID},
        {"{}", "type", -ERR_INVALID},
        {"{\"type\":7}", "type", -ERR_INVALID},
        {"{\"type\":\"\"}", "type", -ERR_INVALID}, /* commands only the server gives have this name */
        {"{\"type\":\"ping\",\"id\":0}", "id", -ERR_INVALID},
        {"{\"type\":\"ping\",\"id\":-1}", "id", -ERR_INVALID},
        {"{\"type\":\"ping\",\"id\":2147483648}", "id", -ERR_INVALID},
        {"{\"type\":\"ping\",\"id\":\"1\"}", "id", -ERR_INVALID},
        {"{\"type\":\"fly\",\"id\":1}", NULL, -ERR_UNSUPPORTED},
        {"{\"type\":\"join\"}", "ticket", -ERR_INVALID},
        {"{\"type\":\"join\",\"ticket\":\"t\",\"since\":-1}", "since", -ERR_INVALID},
        {"{\"type\":\"hand\"}", "on", -ERR_INVALID},
        {"{\"type\":\"hand\",\"on\":1}", "on", -ERR_INVALID},
        {"{\"type\":\"invite\",\"who\":\"\"}", "who", -ERR_INVALID},
        {"{\"type\":\"invite\",\"who\":\"a b\"}", "who", -ERR_INVALID},
        {"{\"type\":\"invite\",\"who\":\"123456789012345678901234567890123\"}", "who", -ERR_INVALID},
        {"{\"type\":\"source\",\"source\":\"tv\",\"on\":true}", "source", -ERR_INVALID},
        {"{\"type\":\"mute\",\"who\":\"u1\",\"source\":3}", "source", -ERR_INVALID},
        {"{\"type\":\"chat\",\"text\":\" \"}", "text", -ERR_INVALID},
        {"{\"type\":\"unchat\",\"n\":9007199254740992}", "n", -ERR_INVALID},
        {"{\"type\":\"unchat\",\"n\":1.5}", "n", -ERR_INVALID},
        {"{\"type\":\"role\",\"who\":\"u1\",\"role\":\"king\"}", "role", -ERR_INVALID},
        {"{\"type\":\"view\",\"sdp\":\"\"}", "sdp", -ERR_INVALID},
        {"{\"type\":\"restart\",\"kind\":\"both\",\"sdp\":\"v\"}", "kind", -ERR_INVALID},
        {"{\"type\":\"publish\",\"sdp\":\"v\",\"sources\":[]}", "sources", -ERR_INVALID},
        {"{\"type\":\"publish\",\"sdp\":\"v\",\"sources\":{\"0\":\"tv\"}}", "sources", -ERR_INVALID},
        {"{\"type\":\"publish\",\"sdp\":\"v\",\"sources\":{\"0123456789abcdefg\":\"mic\"}}", "sources",
         -ERR_INVALID},
        {"{\"type\":\"want\"}", "picks", -ERR_INVALID},
        {"{\"type\":\"draw\"}", "slots", -ERR_INVALID},
        {"{\"type\":\"draw\",\"slots\":[{\"mid\":\"\",\"h\":1}]}", "slots", -ERR_INVALID},
        {"{\"type\":\"draw\",\"slots\":[{\"mid\":\"1\",\"h\":-1}]}", "slots", -ERR_INVALID},
        {"{\"type\":\"draw\",\"slots\":[{\"mid\":\"1\",\"h\":99999}]}", "slots", -ERR_INVALID},
        {"{\"type\":\"draw\",\"slots\":[{\"mid\":\"12345678901234567\",\"h\":1}]}", "slots", -ERR_INVALID},
        {"{\"type\":\"want\",\"picks\":[{\"who\":\"u1\"}]}", "picks", -ERR_INVALID},
        {"{\"type\":\"want\",\"picks\":[null,null,null,null,null,null,null,null,null,null,null,null,null]}",
         "picks", -ERR_INVALID},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct msg m;
        const char *field;
        int err = decode(&m, rows[i].text, &field);
        if (err != rows[i].err || (field == NULL) != (rows[i].field == NULL) ||
            (field && strcmp(field, rows[i].field) != 0))
            fail_msg("%s: %d, field %s", rows[i].text, err, field ? field : "none");
        proto_fini(&m);
    }
}

static void the_id_survives_errors(void **state) {
    struct msg m;
    const char *field;
    (void)state;
    assert_int_equal(decode(&m, "{\"type\":\"fly\",\"id\":7}", &field), -ERR_UNSUPPORTED);
    assert_int_equal(m.id, 7);
    proto_fini(&m);
    assert_int_equal(decode(&m, "{\"type\":\"hand\",\"id\":8}", &field), -ERR_INVALID);
    assert_int_equal(m.id, 8);
    proto_fini(&m);
}

static void sizes(void **state) {
    struct msg m;
    const char *field;
    struct buf b;
    (void)state;
    buf_init(&b, 1 << 20);
    buf_z(&b, "{\"type\":\"view\",\"sdp\":\"");
    while (b.n < PROTO_MESSAGE_MAX - 2)
        buf_z(&b, "a");
    buf_z(&b, "\"}");
    assert_int_equal(b.n, PROTO_MESSAGE_MAX);
    assert_int_equal(proto_decode(&m, buf_view(&b), &field), 0);
    proto_fini(&m);
    buf_z(&b, " ");
    assert_int_equal(proto_decode(&m, buf_view(&b), &field), -ERR_TOO_LARGE);
    proto_fini(&m);
    buf_fini(&b);
}

/* Every field of every event that is written comes back. */
static void events_round_trip(void **state) {
    static const uint64_t required[EV_COUNT] = {
#define X(name, wire, fields, optional, audience, lesson) fields,
#include "server/rooms/events.def"
#undef X
    };
    struct rig_rnd rnd = {42};
    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct event e, back;
        struct buf one, two;
        rig_random_event(&rnd, &e);
        if (e.type == EV_COUNT || e.role == ROLE_COUNT || e.source == MEDIA_SOURCE_COUNT || !e.seq ||
            !strcmp(e.by, "*") || e.kind == POLL_KIND_COUNT || e.ask == ASK_STATE_COUNT ||
            e.layout == LAYOUT_COUNT || ((required[e.type] & (FIELD_TEXT | FIELD_UPDATE)) && !e.text.n) ||
            (e.type == EV_INK && !ink_ok(e.list))) {
            event_fini(&e);
            continue; /* not what deciding makes */
        }
        buf_init(&one, 65536);
        buf_init(&two, 65536);
        proto_event(&one, &e);
        int err = proto_event_parse(&back, buf_view(&one));
        bool needs_who = !e.who[0] && (required[e.type] & FIELD_WHO);
        assert_int_equal(err, needs_who ? -ERR_INVALID : 0);
        if (!err) {
            assert_int_equal(back.seq, e.seq);
            assert_int_equal(back.at_ms, e.at_ms);
            assert_int_equal(back.type, e.type);
            assert_string_equal(back.by, e.by);
            proto_event(&two, &back);
            assert_string_equal(one.p, two.p);
            event_fini(&back);
        }
        event_fini(&e);
        buf_fini(&one);
        buf_fini(&two);
    }
}

static void bad_journal_lines(void **state) {
    (void)state;
    static const char *const lines[] = {
        "",
        "{}",
        "{\"type\":\"hand\",\"seq\":1,\"at\":1,\"by\":\"\"}",
        "{\"type\":\"hand\",\"seq\":0,\"at\":1,\"by\":\"\",\"who\":\"a\",\"on\":true}",
        "{\"type\":\"hand\",\"seq\":1,\"at\":-1,\"by\":\"\",\"who\":\"a\",\"on\":true}",
        "{\"type\":\"hand\",\"seq\":1,\"at\":1,\"by\":\"a b\",\"who\":\"a\",\"on\":true}",
        "{\"type\":\"nod\",\"seq\":1,\"at\":1,\"by\":\"\",\"who\":\"a\",\"on\":true}",
        "{\"type\":\"chat\",\"seq\":1,\"at\":1,\"by\":\"a\",\"name\":\"A\",\"text\":7}",
    };
    for (size_t i = 0; i < countof(lines); i++) {
        struct event e;
        assert_int_equal(proto_event_parse(&e, str_of(lines[i])), -ERR_INVALID);
        assert_null(e.text.p);
    }
}

static void a_known_line(void **state) {
    struct event e = {.seq = 12, .at_ms = 1700000000000, .type = EV_CHAT, .text = STR("Добрий «день»")};
    struct buf b;
    (void)state;
    STR_COPY(e.by, STR("u5"));
    STR_COPY(e.name, STR("Олена"));
    buf_init(&b, 4096);
    proto_event(&b, &e);
    assert_string_equal(b.p,
                        "{\"type\":\"chat\",\"seq\":12,\"at\":1700000000000,\"by\":\"u5\",\"name\":\"Олена\","
                        "\"text\":\"Добрий «день»\"}");
    buf_fini(&b);
}

/* The document says what the rows say: each name as a table row, each field on it. */
static void the_document_is_complete(void **state) {
    static char doc[1 << 17];
    (void)state;
    FILE *f = fopen("server/signaling/PROTOCOL.md", "r");
    assert_non_null(f);
    size_t n = fread(doc, 1, sizeof doc - 1, f);
    doc[n] = 0;
    fclose(f);
    static const struct {
        const char *wire;
        uint64_t fields;
    } rows[] = {
#define X(name, wire, fields, optional, audience, lesson) {wire, (fields) | (optional)},
#include "server/rooms/events.def"
#undef X
#define X(name, wire, required, optional, can, rate) {wire, (required) | (optional)},
#include "server/rooms/commands.def"
#undef X
    };
    static const char *const names[FIELD_COUNT] = {
#define X(bit, wire, kind, member) wire,
#include "server/rooms/fields.def"
#undef X
    };
    for (size_t i = 0; i < countof(rows); i++) {
        char start[64], cell[64];
        bool found = !rows[i].wire[0] || !strcmp(rows[i].wire, "");
        snprintf(start, sizeof start, "| `%s` |", rows[i].wire);
        for (const char *at = doc; !found && (at = strstr(at, start)); at++) {
            size_t len = strcspn(at, "\n");
            found = true;
            for (int b = 0; b < FIELD_COUNT; b++) {
                snprintf(cell, sizeof cell, "`%s`", names[b]);
                const char *hit = strstr(at, cell);
                found = found && (!(rows[i].fields & 1ULL << b) || (hit && hit < at + len));
            }
        }
        if (!found)
            fail_msg("PROTOCOL.md has no complete row for %s", rows[i].wire);
    }
    static const char *const others[] = {
#define X(name, wire, meaning) wire,
#include "server/rooms/can.def"
#undef X
#define X(name, wire, required, optional, rate) "\"type\":\"" wire "\"",
#include "server/signaling/messages.def"
#undef X
    };
    for (size_t i = 0; i < countof(others); i++)
        if (!strstr(doc, others[i]))
            fail_msg("PROTOCOL.md does not mention %s", others[i]);
}

static const char *slurp(const char *path, char *text, size_t cap) {
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    size_t n = fread(text, 1, cap - 1, f);
    assert_true(feof(f));
    text[n] = 0;
    fclose(f);
    return text;
}

enum { WORDS_MAX = 400 };
struct word_list {
    struct str v[WORDS_MAX];
    size_t n;
};

static bool has(const struct word_list *s, struct str name) {
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(s->v[i], name))
            return true;
    return false;
}

/* What stands between `before` and the next quote or backtick, wherever `before` is. */
static void collect(struct word_list *s, const char *text, const char *before) {
    for (const char *at = text; (at = strstr(at, before)) != NULL && s->n < WORDS_MAX;) {
        at += strlen(before);
        s->v[s->n++] = (struct str){at, strcspn(at, "\"`\n")};
    }
    assert_true(s->n < WORDS_MAX);
}

/* And the other way round: no command, event or message in the document that does not exist, and none of the
 * server's own messages (its writers name them in three files) that is not there. */
static void the_document_tells_of_nothing_else(void **state) {
    static char doc[1 << 17], code[3][1 << 16];
    static const char *const files[] = {"server/signaling/proto.c", "server/signaling/snap.c",
                                        "server/signaling/welcome.c"};
    static const char *const sent[] = {
#define X(name, wire, fields, optional, audience, lesson) wire,
#include "server/rooms/events.def"
#undef X
#define X(name, wire, required, optional, can, rate) wire,
#include "server/rooms/commands.def"
#undef X
#define X(name, wire, required, optional, rate) wire,
#include "server/signaling/messages.def"
#undef X
    };
    static struct word_list exist, own, rows, told;
    (void)state;
    for (size_t i = 0; i < countof(sent); i++)
        exist.v[exist.n++] = str_of(sent[i]);
    for (size_t i = 0; i < countof(files); i++) {
        collect(&own, slurp(files[i], code[i], sizeof code[i]), "message(\"");
        collect(&own, code[i], "json_set_z(j, \"type\", \"");
    }
    assert_true(own.n > 20);
    slurp("server/signaling/PROTOCOL.md", doc, sizeof doc);
    collect(&told, doc, "\"type\":\"");
    collect(&rows, strstr(doc, "\n| `open` |"), "\n| `"); /* before them is the table of errors */
    for (size_t i = 0; i < rows.n; i++)
        if (rows.v[i].p[0] != '{' && !has(&exist, rows.v[i]))
            fail_msg("PROTOCOL.md has a row for %.*s, which does not exist", (int)rows.v[i].n, rows.v[i].p);
    for (size_t i = 0; i < told.n; i++)
        if (!has(&exist, told.v[i]) && !has(&own, told.v[i]))
            fail_msg("PROTOCOL.md tells of %.*s, which does not exist", (int)told.v[i].n, told.v[i].p);
    for (size_t i = 0; i < own.n; i++)
        if (!has(&told, own.v[i]))
            fail_msg("PROTOCOL.md does not tell of %.*s", (int)own.v[i].n, own.v[i].p);
}

/* Every end a client may be told of has a row, and its code is the one of that row. */
static void the_code_of_a_parting(void **state) {
    (void)state;
    static const char *const reasons[] = {"left",   "ended",   "cancelled", "replaced", "shutdown", "removed",
                                          "denied", "invalid", "slow",      "idle",     "busy"};
    static char doc[128 << 10];
    slurp("server/signaling/PROTOCOL.md", doc, sizeof doc);
    for (size_t i = 0; i < countof(reasons); i++) {
        char code[16], word[32];
        snprintf(code, sizeof code, " | %u | ", proto_close_code(reasons[i]));
        snprintf(word, sizeof word, "`%s`", reasons[i]);
        const char *at = strstr(doc, code), *row = at;
        assert_non_null(at);
        while (row > doc && row[-1] != '\n')
            row--;
        const char *named = strstr(row, word);
        if (!named || named > at)
            fail_msg("PROTOCOL.md has another code for %s than %u", reasons[i], proto_close_code(reasons[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_messages),
        cmocka_unit_test(values_arrive),
        cmocka_unit_test(bad_messages),
        cmocka_unit_test(the_id_survives_errors),
        cmocka_unit_test(sizes),
        cmocka_unit_test(events_round_trip),
        cmocka_unit_test(bad_journal_lines),
        cmocka_unit_test(a_known_line),
        cmocka_unit_test(the_document_is_complete),
        cmocka_unit_test(the_document_tells_of_nothing_else),
        cmocka_unit_test(the_code_of_a_parting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
