/* Who may do what: every message of the protocol as every role, as one who waits in the lobby and as a
 * stranger, in every format that ships, against tests/unit/vectors/matrix.txt, which people keep. Each cell
 * is tried in a room of its own, where nothing but the role can be in the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/catalogue/formats.h"
#include "tests/unit/hub_rig.h"

enum { BOSS = 1, ME = 2, LAD = 3, EVE = 4, STRANGER = 9, ROWS_MAX = 160, CELLS = 13, BYTES_MAX = 65536 };

static const char file[] = "tests/unit/vectors/matrix.txt";
static const char roles[] = "HCSA";
static const char *const role_names[] = {"host", "cohost", "speaker", "attendee"};

/* What is said, and in which scene (words of `stagehands`). $n and $m: numbers of what the scene made. */
static const struct act {
    const char *label, *scene, *text;
} acts[] = {
#define X(label, scene, text) {label, scene, text},
#include "tests/unit/test_matrix.def"
#undef X
};

struct line {
    char label[32], class[16], waits[16], stranger[16], cell[CELLS][8];
};
struct kept { /* the file */
    char formats[CELLS][FORMAT_ID_MAX + 1];
    struct line rows[ROWS_MAX];
    size_t n;
    struct {
        char name[16];
        unsigned burst, bytes;
    } classes[16];
    size_t class_n;
};
static struct kept kept;
static struct formats formats;

/* ---- the file ---- */

static void read_row(char *text) {
    struct line *l = &kept.rows[kept.n];
    char *save = NULL, *word = strtok_r(text, " \n", &save);
    assert_true(kept.n < ROWS_MAX && word);
    STR_COPY(l->label, str_of(word));
    for (int i = 0; i < 3 + CELLS; i++) {
        word = strtok_r(NULL, " \n", &save);
        if (!word)
            fail_msg("%s: row %s has %d cells", file, l->label, i);
        if (i < 3)
            snprintf(i == 0 ? l->class : i == 1 ? l->waits : l->stranger, sizeof l->class, "%s", word);
        else
            snprintf(l->cell[i - 3], sizeof l->cell[0], "%s", word);
    }
    assert_null(strtok_r(NULL, " \n", &save));
    kept.n++;
}

static void read_formats(char *text) {
    char *save = NULL, *word = strtok_r(text, " \n", &save);
    for (int i = 0; i < CELLS; i++) {
        word = strtok_r(NULL, " \n", &save);
        assert_non_null(word);
        STR_COPY(kept.formats[i], str_of(word));
    }
}

static int load(void **state) {
    char text[1024], why[FORMATS_SENTENCE_MAX] = "";
    (void)state;
    FILE *in = fopen(file, "r");
    if (!in || formats_load(&formats, "config/formats", why))
        return -1;
    while (fgets(text, sizeof text, in)) {
        if (text[0] == '#' || text[0] == '\n')
            continue;
        if (!strncmp(text, "formats ", 8)) {
            read_formats(text);
        } else if (!strncmp(text, "class ", 6)) {
            assert_int_equal(sscanf(text, "class %15s %u %u", kept.classes[kept.class_n].name,
                                    &kept.classes[kept.class_n].burst, &kept.classes[kept.class_n].bytes),
                             3);
            kept.class_n++;
        } else {
            read_row(text);
        }
    }
    fclose(in);
    return 0;
}

static const struct line *row_of(const char *label) {
    for (size_t i = 0; i < kept.n; i++)
        if (!strcmp(kept.rows[i].label, label))
            return &kept.rows[i];
    fail_msg("%s has no row %s", file, label);
    return NULL;
}

/* ---- a room for one cell ---- */

struct stage {
    struct rig *rig;
    uint64_t n, m; /* of the last thing a scene made, and of the one before */
};

static void on_done(void *ctx, int err, const char *text) {
    (void)ctx, (void)text;
    assert_int_equal(err, 0);
}

static void order(struct stage *s, struct command cmd, const char *who) {
    STR_COPY(cmd.who, str_of(who));
    hub_command(s->rig->hub, "r1", &cmd, on_done, NULL);
    rig_settle(s->rig);
}

static void made(struct stage *s) {
    s->m = s->n;
    s->n = s->rig->log_n ? s->rig->log[s->rig->log_n - 1].seq : 0;
}

static void says(struct stage *s, uint64_t conn, const char *text) {
    rig_say(s->rig, conn, "%s", text);
    made(s);
}

static void hand_lad(struct stage *s) { rig_say(s->rig, LAD, "{\"type\":\"hand\",\"on\":true}"); }
static void invite(struct stage *s) { order(s, (struct command){.type = CMD_INVITE}, "me"); }
static void put_off(struct stage *s) { order(s, (struct command){.type = CMD_UNSTAGE}, "me"); }
static void put_on(struct stage *s) {
    invite(s);
    rig_say(s->rig, ME, "{\"type\":\"accept\"}");
}
static void lad_invited(struct stage *s) { order(s, (struct command){.type = CMD_INVITE}, "lad"); }
static void lad_on(struct stage *s) {
    lad_invited(s);
    rig_say(s->rig, LAD, "{\"type\":\"accept\"}");
}
static void eve_waits(struct stage *s) {
    rig_say(s->rig, BOSS, "{\"type\":\"lobby\",\"on\":true}");
    rig_enter(s->rig, EVE, "eve", "attendee");
}
static void mine(struct stage *s) { says(s, ME, "{\"type\":\"chat\",\"text\":\"моє\"}"); }
static void theirs(struct stage *s) { says(s, BOSS, "{\"type\":\"chat\",\"text\":\"чуже\"}"); }
static void hosts_only(struct stage *s) { says(s, BOSS, "{\"type\":\"chat_rules\",\"on\":true}"); }
static void draft(struct stage *s) {
    says(s, BOSS, "{\"type\":\"poll\",\"kind\":\"single\",\"text\":\"Так?\",\"options\":[\"так\",\"ні\"]}");
}
static void words(struct stage *s) {
    char text[64];
    says(s, BOSS, "{\"type\":\"poll\",\"kind\":\"words\",\"text\":\"Яке?\"}");
    snprintf(text, sizeof text, "{\"type\":\"poll_open\",\"n\":%llu}", (unsigned long long)s->n);
    rig_say(s->rig, BOSS, "%s", text);
}
static void opened(struct stage *s) {
    draft(s);
    rig_say(s->rig, BOSS, "{\"type\":\"poll_open\",\"n\":%llu}", (unsigned long long)s->n);
}
static void closed(struct stage *s) {
    opened(s);
    rig_say(s->rig, BOSS, "{\"type\":\"poll_close\",\"n\":%llu}", (unsigned long long)s->n);
}
static void asks_wait_rule(struct stage *s) { rig_say(s->rig, BOSS, "{\"type\":\"ask_rules\",\"on\":true}"); }
static void asked(struct stage *s) { says(s, LAD, "{\"type\":\"ask\",\"text\":\"Чому?\"}"); }
static void asked_by_me(struct stage *s) { says(s, ME, "{\"type\":\"ask\",\"text\":\"А чому?\"}"); }
static void deck(struct stage *s) {
    struct command c = {.type = CMD_DECK, .name = "f.pdf", .text = STR("Слайди"), .size = 3};
    order(s, c, "");
    made(s);
}
static void clip(struct stage *s) {
    struct command c = {.type = CMD_CLIP, .name = "lesson-k1", .text = STR("Фільм"), .size = 60000};
    order(s, c, "");
    made(s);
}
static void board(struct stage *s) { says(s, BOSS, "{\"type\":\"board\",\"text\":\"Дошка\"}"); }
static void all_draw(struct stage *s) {
    rig_say(s->rig, BOSS, "{\"type\":\"board_open\",\"n\":%llu,\"on\":true}", (unsigned long long)s->n);
}
static void inked(struct stage *s) {
    char text[96];
    snprintf(text, sizeof text, "{\"type\":\"ink\",\"n\":%llu,\"page\":1,\"ink\":\"AAABAQE\"}",
             (unsigned long long)s->n);
    says(s, BOSS, text);
}

static void noted(struct stage *s) { says(s, BOSS, "{\"type\":\"note\",\"update\":\"AQID\"}"); }

static void captioner(struct stage *s) {
    order(s, (struct command){.type = CMD_CAPTIONER, .on = true}, "me");
}

static void captioned(struct stage *s) {
    says(s, ME, "{\"type\":\"caption\",\"text\":\"моє\",\"lang\":\"uk\"}");
}
static void they_captioned(struct stage *s) {
    says(s, BOSS, "{\"type\":\"caption\",\"text\":\"їхнє\",\"lang\":\"uk\"}");
}

static void laid(struct stage *s) { rig_say(s->rig, BOSS, "{\"type\":\"tables\",\"count\":2}"); }
static void laid_free(struct stage *s) {
    rig_say(s->rig, BOSS, "{\"type\":\"tables\",\"count\":2,\"free\":true}");
}
static void at_table(struct stage *s) {
    laid(s);
    rig_say(s->rig, BOSS, "{\"type\":\"seat\",\"n\":1,\"people\":[\"me\",\"lad\"]}");
    rig_say(s->rig, BOSS, "{\"type\":\"tables_open\",\"on\":true}");
}

static void lad_banned(struct stage *s) { order(s, (struct command){.type = CMD_REMOVE, .on = true}, "lad"); }
static void reported(struct stage *s) {
    rig_say(s->rig, LAD, "{\"type\":\"report\",\"n\":%llu}", (unsigned long long)s->n);
}
static void mine_to_hosts(struct stage *s) {
    says(s, ME, "{\"type\":\"chat\",\"text\":\"моє\",\"hosts\":true}");
}
static void secret(struct stage *s) { /* between two others */
    says(s, BOSS, "{\"type\":\"chat\",\"text\":\"лише вам\",\"who\":\"lad\"}");
}
static void all_off(struct stage *s) {
    static const char off[] =
        "{\"type\":\"limit\",\"role\":\"%s\",\"off\":[\"publish_mic\",\"publish_camera\","
        "\"publish_screen\",\"talk\",\"chat\",\"hand\",\"stage_self\",\"vote\",\"ask\","
        "\"direct\",\"direct_all\",\"react\",\"slides\",\"notes\",\"video\"]}";
    char text[400];
    for (int role = 2; role < 4; role++) {
        snprintf(text, sizeof text, off, role_names[role]);
        rig_say(s->rig, BOSS, "%s", text);
    }
}

static void with_channels(struct stage *s) {
    rig_say(s->rig, BOSS, "{\"type\":\"channels\",\"langs\":[\"en\"]}");
}
static void i_interpret(struct stage *s) {
    rig_say(s->rig, BOSS, "{\"type\":\"interpret\",\"who\":\"me\",\"langs\":[\"en\"]}");
}
static void lad_on_air(struct stage *s) {
    rig_say(s->rig, BOSS, "{\"type\":\"interpret\",\"who\":\"lad\",\"langs\":[\"en\"]}");
    rig_say(s->rig, LAD, "{\"type\":\"air\",\"lang\":\"en\",\"who\":\"lad\"}");
}

static const struct {
    const char *word;
    void (*fn)(struct stage *);
} stagehands[] = {
    {"lad-hand", hand_lad},
    {"lad-invited", lad_invited},
    {"invited", invite},
    {"off", put_off},
    {"on", put_on},
    {"lad-on", lad_on},
    {"eve-waits", eve_waits},
    {"mine", mine},
    {"theirs", theirs},
    {"draft", draft},
    {"hosts-only", hosts_only},
    {"words", words},
    {"opened", opened},
    {"closed", closed},
    {"asks-wait", asks_wait_rule},
    {"asked", asked},
    {"asked-by-me", asked_by_me},
    {"deck", deck},
    {"clip", clip},
    {"inked", inked},
    {"board", board},
    {"all-draw", all_draw},
    {"noted", noted},
    {"captioner", captioner},
    {"captioned", captioned},
    {"they-captioned", they_captioned},
    {"laid", laid},
    {"laid-free", laid_free},
    {"at-table", at_table},
    {"channels", with_channels},
    {"i-interpret", i_interpret},
    {"lad-on-air", lad_on_air},
    {"lad-banned", lad_banned},
    {"reported", reported},
    {"mine-to-hosts", mine_to_hosts},
    {"secret", secret},
    {"all-off", all_off},
};

static void play(struct stage *s, const char *scene) {
    char text[64], *save = NULL;
    STR_COPY(text, str_of(scene));
    for (char *w = strtok_r(text, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        bool is_known = !strcmp(w, "shut");
        for (size_t i = 0; i < countof(stagehands); i++) {
            if (!strcmp(stagehands[i].word, w)) {
                stagehands[i].fn(s);
                is_known = true;
            }
        }
        assert_true(is_known);
    }
}

static void set_up(struct stage *s, const char *format, const char *scene) {
    struct rig *r = s->rig;
    r->formats = formats.v;
    r->format_count = formats.n;
    r->meta = (struct hub_meta){.title = STR("Кімната"), .format = str_of(format), .record = RECORD_MANUAL};
    rig_open(r, NULL);
    rig_enter(r, BOSS, "boss", "host");
    if (!strstr(scene, "shut"))
        rig_say(r, BOSS, "{\"type\":\"open\"}");
    rig_enter(r, LAD, "lad", "attendee");
}

/* The answer to what `conn` asked last, with id 77: "ok", the wire name of an error, or "nothing". */
static const char *answer(const struct rig *r, uint64_t conn) {
    static char name[32];
    struct str error;
    const char *note = rig_last(r, conn, "error", "\"id\":77");
    if (!note)
        return rig_last(r, conn, "ok", "\"id\":77") || rig_last(r, conn, "found", "\"id\":77") ||
                       rig_last(r, conn, "pong", NULL) || rig_last(r, conn, "bye", NULL) ||
                       rig_last(r, conn, "found", "\"id\":77")
                   ? "ok"
                   : "nothing";
    struct json *j;
    assert_int_equal(json_parse(&j, str_of(note)), 0);
    assert_true(json_get_str(j, "error", &error));
    STR_COPY(name, error);
    json_free(j);
    return name;
}

static void fill(const struct stage *s, char *out, size_t size, const char *text) {
    size_t n = (size_t)snprintf(out, size, "{\"id\":77,");
    for (const char *p = text + 1; *p && n + 24 < size; p++) {
        if (*p == '$') {
            uint64_t no = *++p == 'n' ? s->n : s->m;
            n += (size_t)snprintf(out + n, size - n, "%llu", (unsigned long long)no);
        } else {
            out[n++] = *p;
        }
    }
    out[n] = 0;
}

/* What ME is answered, and whether anything is in the log because of it. */
static const char *attempt(struct stage *s, uint64_t conn, const char *text, bool *is_logged) {
    char line[1024];
    size_t before = s->rig->log_n;
    fill(s, line, sizeof line, text);
    rig_clear(s->rig, conn);
    rig_say(s->rig, conn, "%s", line);
    *is_logged = s->rig->log_n > before;
    return answer(s->rig, conn);
}

static bool is_refusal(const char *a) { return !strcmp(a, "denied") || !strcmp(a, "auth"); }

static int wrong(const char *format, const char *who, const char *label, const char *a, char expected) {
    print_error("%s: %s in %s is answered \"%s\", the matrix has '%c'\n", label, who, format, a, expected);
    return 1;
}

/* '.': refused; a letter: done; a small letter: the role may, but such a room has nothing to do it to. */
static int try_role(const struct act *act, const char *format, int role, char expected) {
    struct stage s = {.rig = mem_zalloc(sizeof *s.rig)};
    bool is_logged, is_right;
    set_up(&s, format, act->scene);
    rig_enter(s.rig, ME, "me", role_names[role]);
    play(&s, act->scene);
    const char *a = attempt(&s, ME, act->text, &is_logged);
    if (expected == '.')
        is_right = is_refusal(a) && !is_logged;
    else if (expected == roles[role])
        is_right = !strcmp(a, strcmp(act->label, "line") && strcmp(act->label, "stall")
                                  ? "ok"
                                  : "nothing"); /* they have no answer */
    else
        is_right =
            expected == roles[role] + ('a' - 'A') && strcmp(a, "ok") != 0 && !is_refusal(a) && !is_logged;
    int bad = is_right ? 0 : wrong(format, role_names[role], act->label, a, expected);
    rig_close(s.rig);
    mem_free(s.rig);
    return bad;
}

static int try_outsider(const struct act *act, const char *format, const struct line *l, bool waits) {
    struct stage s = {.rig = mem_zalloc(sizeof *s.rig)};
    const char *expected = waits ? l->waits : l->stranger;
    uint64_t conn = waits ? EVE : STRANGER;
    bool is_logged;
    set_up(&s, format, "");
    if (waits)
        eve_waits(&s);
    else
        assert_true(hub_on_open(s.rig->hub, STRANGER, STR("1.2.3.4")));
    const char *a = attempt(&s, conn, act->text, &is_logged);
    int bad = strcmp(a, expected) || (is_logged && strcmp(expected, "ok"));
    if (bad)
        print_error("%s: %s in %s is answered \"%s\", the matrix has %s\n", act->label,
                    waits ? "who waits" : "a stranger", format, a, expected);
    rig_close(s.rig);
    mem_free(s.rig);
    return bad;
}

/* ---- the tests ---- */

static void every_role(void **state) {
    int bad = 0;
    (void)state;
    for (size_t i = 0; i < countof(acts); i++) {
        const struct line *l = row_of(acts[i].label);
        for (int f = 0; f < CELLS; f++)
            for (int role = 0; role < 4; role++)
                bad += try_role(&acts[i], kept.formats[f], role, l->cell[f][role]);
    }
    assert_int_equal(bad, 0);
}

static void outside(void **state) {
    int bad = 0;
    (void)state;
    for (size_t i = 0; i < countof(acts); i++)
        for (int f = 0; f < CELLS; f++)
            for (int waits = 0; waits < 2; waits++)
                bad += try_outsider(&acts[i], kept.formats[f], row_of(acts[i].label), waits);
    assert_int_equal(bad, 0);
}

/* No message, no format and no row of the file is left out. */
static void all_of_it(void **state) {
    static const char *const wires[] = {
#define X(name, wire, required, optional, rate) wire,
#include "server/signaling/messages.def"
#undef X
#define X(name, wire, required, optional, can, rate) wire,
#include "server/rooms/commands.def"
#undef X
    };
    (void)state;
    for (size_t i = 0; i < countof(wires); i++) {
        char type[64];
        bool is_there = !wires[i][0]; /* only the server itself says those */
        snprintf(type, sizeof type, "{\"type\":\"%s\"", wires[i]);
        for (size_t k = 0; k < countof(acts); k++)
            is_there |= !strncmp(acts[k].text, type, strlen(type));
        if (!is_there)
            fail_msg("nobody tries %s", wires[i]);
    }
    assert_int_equal(kept.n, countof(acts));
    assert_int_equal(formats.n, CELLS);
    for (int f = 0; f < CELLS; f++)
        assert_non_null(formats_find(&formats, str_of(kept.formats[f])));
}

/* A class's worth of them at once and no more; a stranger, so that none has an effect. */
static void rates(void **state) {
    (void)state;
    for (size_t i = 0; i < countof(acts); i++) {
        struct stage s = {.rig = mem_zalloc(sizeof *s.rig), .n = 5, .m = 6};
        const struct line *l = row_of(acts[i].label);
        unsigned burst = 0;
        bool is_logged;
        for (size_t k = 0; k < kept.class_n; k++)
            if (!strcmp(kept.classes[k].name, l->class))
                burst = kept.classes[k].burst;
        assert_true(burst > 0);
        set_up(&s, "webinar", "");
        assert_true(hub_on_open(s.rig->hub, STRANGER, STR("1.2.3.4")));
        for (unsigned k = 0; k < burst; k++)
            assert_string_equal(attempt(&s, STRANGER, acts[i].text, &is_logged), l->stranger);
        if (strcmp(attempt(&s, STRANGER, acts[i].text, &is_logged), "rate") != 0)
            fail_msg("%s: more than %u at once", acts[i].label, burst);
        rig_close(s.rig);
        mem_free(s.rig);
    }
}

/* With blanks as far as its class goes it is read, with one more it is not. */
static void sizes(void **state) {
    char *long_one = mem_zalloc(BYTES_MAX + 2);
    (void)state;
    for (size_t i = 0; i < countof(acts); i++) {
        struct stage s = {.rig = mem_zalloc(sizeof *s.rig), .n = 5, .m = 6};
        const struct line *l = row_of(acts[i].label);
        size_t bytes = 0;
        for (size_t k = 0; k < kept.class_n; k++)
            if (!strcmp(kept.classes[k].name, l->class))
                bytes = kept.classes[k].bytes;
        set_up(&s, "webinar", "");
        assert_true(bytes > 0 && bytes <= BYTES_MAX && hub_on_open(s.rig->hub, STRANGER, STR("1.2.3.4")));
        fill(&s, long_one, 1024, acts[i].text);
        for (size_t n = strlen(long_one); n <= bytes; n++)
            long_one[n] = ' ';
        hub_on_message(s.rig->hub, STRANGER, (struct str){long_one, bytes});
        rig_settle(s.rig);
        assert_string_equal(answer(s.rig, STRANGER), l->stranger);
        rig_clear(s.rig, STRANGER);
        hub_on_message(s.rig->hub, STRANGER, (struct str){long_one, bytes + 1});
        assert_says(s.rig, STRANGER, "error", "\"too_large\"");
        rig_close(s.rig);
        mem_free(s.rig);
    }
    mem_free(long_one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_it), cmocka_unit_test(every_role), cmocka_unit_test(outside),
        cmocka_unit_test(rates),     cmocka_unit_test(sizes),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
