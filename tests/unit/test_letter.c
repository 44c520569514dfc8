/* Letters and the messages they become: hostile text changes no header and no page, words come back whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <sodium.h>

#include "media/base/err.h"
#include "server/mail/letter.h"
#include "server/mail/mime.h"

static const char evil[] = "Тема\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script> & \"q\"";

static void test_addresses(void **state) {
    (void)state;
    static const char *const good[] = {"a@b", "mama.ko+x@example.org", "o'neil@ex-ample.ua"};
    static const char *const bad[] = {
        "",       "a",     "@b",      "a@",      "a b@c", "a@b c", "a@b\r\nRCPT TO:<x@y>",
        "<a@b>",  "a@b>",  "a@b,c@d", "\"a\"@b", "a@b@c", "a@.b",  "a@b.",
        "ї@b.ua", "a@b;c", "a\n@b"};
    for (size_t i = 0; i < countof(good); i++)
        assert_true(mime_address_ok(good[i]));
    for (size_t i = 0; i < countof(bad); i++)
        if (mime_address_ok(bad[i]))
            fail_msg("%s", bad[i]);
}

/* Every header line is one of ours, none is longer than it may be; gives where the body begins. */
static const char *check_headers(const char *text) {
    static const char *const ours[] = {"From: ",
                                       "To: ",
                                       "Subject: ",
                                       "Message-ID: ",
                                       "Date: ",
                                       "MIME-Version: ",
                                       "Auto-Submitted: ",
                                       "List-Unsubscribe: ",
                                       "List-Unsubscribe-Post: ",
                                       "Content-Type: ",
                                       " "};
    for (;;) {
        const char *end = strstr(text, "\r\n");
        assert_non_null(end);
        if (end == text)
            return end + 2;
        assert_true(end - text <= 998);
        size_t i = 0;
        while (i < countof(ours) && strncmp(text, ours[i], strlen(ours[i])))
            i++;
        if (i == countof(ours))
            fail_msg("%.*s", (int)(end - text), text);
        text = end + 2;
    }
}

/* What the encoded words of a header say. */
static void decode(const char *text, const char *header, char *out, size_t cap) {
    size_t n = 0, k;
    const char *at = strstr(text, header), *end = strstr(at, "\r\n");
    while (end[2] == ' ')
        end = strstr(end + 2, "\r\n");
    while ((at = strstr(at, "=?UTF-8?B?")) && at < end) {
        at += 10;
        const char *stop = strstr(at, "?=");
        assert_true(stop - at <= 75 - 12);
        assert_int_equal(sodium_base642bin((uint8_t *)out + n, cap - n, at, (size_t)(stop - at), NULL, &k,
                                           NULL, sodium_base64_VARIANT_ORIGINAL),
                         0);
        assert_true(str_utf8_ok((struct str){out + n, k})); /* no character is torn apart */
        n += k;
    }
    out[n] = 0;
}

static void test_headers(void **state) {
    (void)state;
    struct buf out;
    char said[1024];
    static const char long_title[] =
        "Педагогічна вітальня про те, як навчати дробів у повсякденному житті, частина перша";
    buf_init(&out, 1 << 20);
    struct mime m = {.from_name = evil,
                     .from = "som@example.org",
                     .to_name = evil,
                     .to = "a@b",
                     .subject = evil,
                     .id = "1.2@example.org",
                     .at_s = 1790000000,
                     .text = "т",
                     .html = "<p>т</p>",
                     .calendar = "BEGIN:VCALENDAR",
                     .calendar_method = "REQUEST",
                     .unsubscribe = "https://x/y"};
    mime_write(&out, &m);
    const char *body = check_headers((const char *)out.p);
    assert_non_null(strstr(body, "Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n"));
    assert_non_null(strstr((const char *)out.p, "\r\nDate: Mon, 21 Sep 2026 14:13:20 +0000\r\n"));
    assert_null(strstr((const char *)out.p, "\r\nBcc"));
    decode((const char *)out.p, "Subject: ", said, sizeof said);
    assert_string_equal(said, "ТемаBcc: victim@example.org<script>alert(1)</script> & \"q\"");
    buf_reset(&out);
    m.subject = long_title;
    mime_write(&out, &m);
    check_headers((const char *)out.p);
    decode((const char *)out.p, "Subject: ", said, sizeof said);
    assert_string_equal(said, long_title);
    buf_fini(&out);
}

/* To who is registered for a series: every date he has or waits for; of a calling-off those that are off. */
static void test_letters_of_a_series(void **state) {
    (void)state;
    struct registration r = {.state = REG_CONFIRMED, .lang = "en"};
    struct meeting m = {.title = "Гурток", .description = "", .starts_at = 1790000000000};
    static struct pass p = {.n = 40};
    struct arena a;
    struct letter l;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < p.n; i++)
        p.v[i] = (struct pass_date){.title = "Гурток",
                                    .state = i == 2 ? REG_WAITING : REG_CONFIRMED,
                                    .starts_at = m.starts_at + (int64_t)i * 7 * 86400000,
                                    .duration_min = 60,
                                    .cancelled = i == 3};
    struct letter_about about = {.kind = "confirmation",
                                 .to = &r,
                                 .event = &m,
                                 .url = "https://x/r/1",
                                 .site = "SOM-hub",
                                 .zone = "Europe/Kyiv",
                                 .pass = &p,
                                 .now_ms = m.starts_at + 86400000};
    assert_int_equal(letter_write(&l, &about, &a), 0);
    assert_null(strstr(l.text, "21 September 2026")); /* over */
    assert_non_null(strstr(l.text, "28 September 2026, 17:13 (Europe/Kyiv)\n"));
    assert_non_null(strstr(l.text, "5 October 2026, 17:13 (Europe/Kyiv): you are on the waiting list\n"));
    assert_null(strstr(l.text, "12 October 2026"));
    assert_non_null(strstr(l.text, "\nand 8 more\n"));
    assert_non_null(strstr(l.html, "(Europe/Kyiv)<br>5 October"));
    (void)STR_COPY(r.langs, str_of("en\nuk"));
    about.kind = "invitation";
    assert_int_equal(letter_write(&l, &about, &a), 0);
    assert_non_null(strstr(l.text, "invited to interpret this event (languages: en, uk)"));
    about.kind = "cancellation";
    assert_int_equal(letter_write(&l, &about, &a), 0);
    assert_non_null(strstr(l.text, "these events of the series"));
    assert_non_null(strstr(l.text, "12 October 2026, 17:13 (Europe/Kyiv)\n"));
    assert_null(strstr(l.text, "28 September 2026"));
    /* What is refused, and what is given back, by themselves. */
    p.v[5].state = REG_REFUSED;
    p.v[6].state = REG_CANCELLED;
    about.kind = "refusal";
    assert_int_equal(letter_write(&l, &about, &a), 0);
    assert_non_null(strstr(l.text, "26 October 2026"));
    assert_null(strstr(l.text, "28 September 2026"));
    about.kind = "withdrawal";
    assert_int_equal(letter_write(&l, &about, &a), 0);
    assert_non_null(strstr(l.text, "2 November 2026"));
    assert_null(strstr(l.text, "12 October 2026")); /* called off: nobody can register there again */
    about.kind = "reminder_day";
    assert_int_equal(letter_write(&l, &about, &a), 0);
    assert_non_null(strstr(l.text, "21 September 2026")); /* of its own date */
    assert_null(strstr(l.text, "28 September 2026"));
    arena_fini(&a);
}

static void test_letters(void **state) {
    (void)state;
    static const char *const kinds[] = {"invitation",   "pending",      "waiting", "confirmation",
                                        "refusal",      "withdrawal",   "change",  "cancellation",
                                        "reminder_day", "reminder_hour"};
    struct registration r = {.state = REG_CONFIRMED};
    struct meeting m = {.title = evil, .description = "", .starts_at = 1790000000000};
    (void)STR_COPY(r.name, str_of("<b>Мама</b>"));
    (void)STR_COPY(m.host_name, str_of("О. & К."));
    for (size_t i = 0; i < 2 * countof(kinds); i++) {
        struct arena a;
        struct letter l;
        arena_init(&a, 1 << 20);
        (void)STR_COPY(r.lang, i % 2 ? STR("en") : STR("uk"));
        struct letter_about about = {.kind = kinds[i / 2],
                                     .to = &r,
                                     .event = &m,
                                     .url = "https://x/r/1",
                                     .site = "SOM-hub",
                                     .zone = "Europe/Kyiv"};
        assert_int_equal(letter_write(&l, &about, &a), 0);
        assert_null(strstr(l.html, "<b>"));
        assert_null(strstr(l.html, "<script"));
        assert_non_null(strstr(l.html, "href=\"https://x/r/1\""));
        assert_non_null(strstr(l.text, i % 2 ? "21 September 2026, 17:13 (Europe/Kyiv)"
                                             : "21 вересня 2026, 17:13 (Europe/Kyiv)"));
        assert_non_null(strstr(l.text, "https://x/r/1"));
        assert_int_equal(l.is_reminder, strstr(kinds[i / 2], "reminder") != NULL);
        arena_fini(&a);
    }
    struct arena a;
    struct letter l;
    arena_init(&a, 1 << 20);
    assert_int_equal(
        letter_write(&l,
                     &(struct letter_about){
                         .kind = "gossip", .to = &r, .event = &m, .url = "", .site = "", .zone = "UTC"},
                     &a),
        -ERR_UNSUPPORTED);
    arena_fini(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_addresses), cmocka_unit_test(test_headers),
                                       cmocka_unit_test(test_letters),
                                       cmocka_unit_test(test_letters_of_a_series)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
