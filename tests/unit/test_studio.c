/* The hub with the real media plane: publish, view, restart, WHIP and WHEP members; offers of real browsers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/signaling/whip.h"
#include "tests/sim/lan.h"
#include "tests/unit/hub_rig.h"

enum { S = 1000000, HOST = 1, ANN = 2, BOB = 3, SDP_MAX = 32768 };

static char *vector(const char *name) {
    char path[128];
    char *text = mem_zalloc(SDP_MAX);
    snprintf(path, sizeof path, "tests/unit/vectors/%s.sdp", name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_true(fread(text, 1, SDP_MAX - 1, f) > 100);
    fclose(f);
    return text;
}

static int setup(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    struct media *media;
    char why[256];
    assert_int_equal(media_open(&media, &(struct media_cfg){.listen = "127.0.0.1", .workers = 1}, why), 0);
    rig_open(r, media);
    *state = r;
    return 0;
}

static int teardown(void **state) {
    struct rig *r = *state;
    rig_close(r);
    media_close(r->media);
    mem_free(r);
    return 0;
}

/* {"type": type, "id": id, more, "sdp": offer} */
static void offer(struct rig *r, uint64_t conn, const char *type, int id, const char *kind,
                  const char *name) {
    char *sdp = vector(name);
    struct buf b;
    struct json *j = json_object();
    json_set_z(j, "type", type);
    json_set_int(j, "id", id);
    if (kind)
        json_set_z(j, "kind", kind);
    json_set_z(j, "sdp", sdp);
    buf_init(&b, 65536);
    json_write(j, &b);
    hub_on_message(r->hub, conn, buf_view(&b));
    rig_settle(r);
    buf_fini(&b);
    json_free(j);
    mem_free(sdp);
}

static void publish_and_view(void **state) {
    struct rig *r = *state;
    rig_class(r);
    offer(r, HOST, "publish", 5, NULL, "chromium-publish");
    assert_says(r, HOST, "answer", "\"id\":5,\"kind\":\"publish\"");
    assert_says(r, HOST, "answer", "a=recvonly");
    offer(r, ANN, "view", 6, NULL, "firefox-view");
    assert_says(r, ANN, "answer", "\"id\":6,\"kind\":\"view\"");
    assert_says(r, ANN, "answer", "a=sendonly");
    offer(r, ANN, "restart", 7, "view", "firefox-view");
    assert_says(r, ANN, "answer", "\"id\":7,\"kind\":\"view\"");
    offer(r, ANN, "restart", 8, "publish", "chromium-publish");
    assert_says(r, ANN, "error", "\"id\":8,\"error\":\"conflict\"");
    rig_say(r, ANN, "{\"type\":\"want\",\"id\":9,\"picks\":[{\"who\":\"host\",\"source\":\"camera\"},null]}");
    assert_says(r, ANN, "ok", "\"id\":9");
    rig_say(r, ANN, "{\"type\":\"draw\",\"id\":12,\"slots\":[{\"mid\":\"3\",\"h\":180}]}");
    assert_says(r, ANN, "ok", "\"id\":12");
    rig_say(r, ANN, "{\"type\":\"audio_only\",\"id\":10,\"on\":true}");
    assert_says(r, ANN, "ok", "\"id\":10");
    rig_say(r, ANN, "{\"type\":\"save\",\"id\":13,\"on\":true}");
    assert_says(r, ANN, "ok", "\"id\":13");
    assert_says(r, HOST, "thrift", "\"on\":true"); /* who speaks is asked to speak in fewer bits, */
    offer(r, ANN, "view", 14, NULL, "firefox-view");
    assert_says(r, HOST, "thrift", "\"on\":false"); /* until nobody saves: a new view says it anew */
    rig_say(r, HOST, "{\"type\":\"source\",\"source\":\"camera\",\"on\":true}");
    rig_say(r, HOST, "{\"type\":\"unpublish\",\"id\":11}");
    assert_says(r, HOST, "ok", "\"id\":11");
    assert_says(r, ANN, "source", "\"source\":\"camera\",\"on\":false");
}

/* One of each: who names two lines the same would fill the room's sound slots alone. */
static void a_source_comes_once(void **state) {
    struct rig *r = *state;
    rig_class(r);
    char *sdp = vector("chromium-publish");
    struct buf b;
    struct json *j = json_object(), *sources;
    json_set_z(j, "type", "publish");
    json_set_int(j, "id", 5);
    json_set_z(j, "sdp", sdp);
    assert_int_equal(
        json_parse(&sources, STR("{\"0\":\"mic\",\"1\":\"camera\",\"2\":\"camera\",\"3\":\"mic\"}")), 0);
    json_set(j, "sources", sources);
    buf_init(&b, 65536);
    json_write(j, &b);
    hub_on_message(r->hub, HOST, buf_view(&b));
    rig_settle(r);
    const char *answer = rig_last(r, HOST, "answer", "\"id\":5"), *at = answer;
    assert_non_null(answer);
    unsigned taken = 0;
    while ((at = strstr(at, "a=recvonly")) != NULL)
        at++, taken++;
    assert_int_equal(taken, 2);
    buf_fini(&b);
    json_free(j);
    mem_free(sdp);
}

/* ---- who is heard ---- */

static struct lan_box *on_air(struct lan *l, struct rig *r, uint64_t conn) {
    struct endpoint_spec spec = {.publish = true, .audio = 1, .video = 1, .codec = CODEC_VP8};
    struct lan_box *b = lan_box(l, "host", &spec);
    struct buf sdp;
    struct str text;
    struct json *j = json_object();
    json_set_z(j, "type", "publish");
    json_set_int(j, "id", 5);
    buf_init(&sdp, 65536);
    endpoint_offer(b->end, &sdp);
    json_set_str(j, "sdp", buf_view(&sdp));
    buf_reset(&sdp);
    json_write(j, &sdp);
    hub_on_message(r->hub, conn, buf_view(&sdp));
    json_free(j);
    const char *answer = rig_last(r, conn, "answer", "\"id\":5");
    assert_non_null(answer);
    assert_int_equal(json_parse(&j, str_of(answer)), 0);
    assert_true(json_get_str(j, "sdp", &text));
    lan_answer(b, text);
    json_free(j);
    buf_fini(&sdp);
    b->mic = b->camera = true;
    return b;
}

struct heard {
    enum media_event_type type;
    enum media_source source;
    unsigned n;
};
static unsigned count(const struct lan *l, enum media_event_type type, enum media_source source) {
    unsigned n = 0;
    for (unsigned i = 0; i < l->count; i++)
        n += l->event[i].type == type && l->event[i].source == source;
    return n;
}
static bool is_heard(struct lan *l, void *arg) {
    const struct heard *h = arg;
    return count(l, h->type, h->source) >= h->n;
}
#define assert_comes(l, type, source, n)                                                                     \
    assert_true(lan_run(l, 10, is_heard, &(struct heard){MEDIA_EV_TRACK_##type, source, n}))

/* A client that sends without saying so: nobody hears what nobody can see. */
static void a_hidden_microphone(void **state) {
    (void)state;
    struct lan l;
    struct rig *r = mem_zalloc(sizeof *r);
    lan_open(&l, 1, 0);
    rig_open(r, l.media);
    rig_class(r);
    rig_say(r, HOST, "{\"type\":\"source\",\"source\":\"camera\",\"on\":true}");
    struct lan_box *b = on_air(&l, r, HOST); /* sends both, has declared one */
    assert_comes(&l, ON, MEDIA_CAMERA, 1);
    unsigned sent = b->end->line[0].packets;
    while (b->end->line[0].packets < sent + 25)
        lan_run(&l, 0.05, NULL, NULL);
    assert_int_equal(count(&l, MEDIA_EV_TRACK_ON, MEDIA_MIC), 0);
    rig_say(r, HOST, "{\"type\":\"source\",\"source\":\"mic\",\"on\":true}");
    assert_comes(&l, ON, MEDIA_MIC, 1);
    rig_say(r, HOST, "{\"type\":\"source\",\"source\":\"mic\",\"on\":false}"); /* and goes on sending */
    assert_comes(&l, OFF, MEDIA_MIC, 1);
    rig_say(r, HOST, "{\"type\":\"source\",\"source\":\"camera\",\"on\":false}");
    assert_comes(&l, OFF, MEDIA_CAMERA, 1);
    assert_int_equal(count(&l, MEDIA_EV_TRACK_ON, MEDIA_MIC), 1);
    rig_close(r);
    lan_close(&l);
    mem_free(r);
}

static void what_is_refused(void **state) {
    struct rig *r = *state;
    rig_enter(r, HOST, "host", "host");
    rig_enter(r, ANN, "ann", "attendee");
    offer(r, ANN, "view", 1, NULL, "chromium-view"); /* not open */
    assert_says(r, ANN, "error", "\"id\":1,\"error\":\"conflict\"");
    offer(r, HOST, "view", 2, NULL, "chromium-view"); /* the host prepares */
    assert_says(r, HOST, "answer", "\"id\":2");
    rig_say(r, HOST, "{\"type\":\"open\"}");
    rig_say(r, ANN, "{\"type\":\"view\",\"id\":3,\"sdp\":\"v=0\"}");
    assert_says(r, ANN, "error", "\"id\":3");
    rig_say(r, HOST, "{\"type\":\"lobby\",\"on\":true}");
    rig_enter(r, BOB, "bob", "attendee");
    offer(r, BOB, "view", 4, NULL, "chromium-view"); /* waits */
    assert_says(r, BOB, "error", "\"id\":4,\"error\":\"denied\"");
}

/* A view that closed listens no more, and who interprets is told so. */
static void who_listens(void **state) {
    struct rig *r = *state;
    rig_class(r);
    rig_say(r, HOST, "{\"type\":\"channels\",\"langs\":[\"en\"]}");
    offer(r, ANN, "view", 3, NULL, "chromium-view");
    rig_say(r, ANN, "{\"type\":\"listen\",\"lang\":\"en\"}");
    rig_pass(r, 2LL * S);
    assert_says(r, HOST, "listening", "\"langs\":{\"en\":1}");
    rig_clear(r, HOST);
    hub_on_media(r->hub,
                 &(struct media_event){.type = MEDIA_EV_PEER_DOWN, .room = 1, .peer = 1, .text = "consent"});
    rig_pass(r, 2LL * S);
    assert_says(r, HOST, "listening", "\"langs\":{\"en\":0}");
}

static void the_line_breaks(void **state) {
    struct rig *r = *state;
    rig_class(r);
    offer(r, HOST, "publish", 5, NULL, "chromium-publish");
    hub_on_close(r->hub, HOST);
    rig_pass(r, 5LL * S);
    rig_enter_since(r, 10, "host", "host", 4);
    assert_says(r, 10, "welcome",
                "\"media\":{\"publish\":true,\"view\":false}"); /* media outlives the socket */
    rig_enter(r, 11, "host", "host");
    assert_says(r, 11, "welcome",
                "\"media\":{\"publish\":false,\"view\":false}"); /* a new page starts anew */
}

static void events_of_media(void **state) {
    struct rig *r = *state;
    rig_class(r);
    offer(r, ANN, "view", 1, NULL, "chromium-view");
    struct media_event e = {.type = MEDIA_EV_SPEAKING, .room = 1, .text = "host,ann"};
    hub_on_media(r->hub, &e);
    assert_says(r, BOB, "speaking", "\"who\":[\"host\",\"ann\"]");
    e.text = "";
    hub_on_media(r->hub, &e);
    assert_says(r, BOB, "speaking", "\"who\":[]");
    e = (struct media_event){.type = MEDIA_EV_SPEAKING, .room = 77, .text = "x"}; /* a room that is gone */
    hub_on_media(r->hub, &e);
    e = (struct media_event){.type = MEDIA_EV_PEER_DOWN, .room = 1, .peer = 999, .text = "gone"};
    hub_on_media(r->hub, &e);
    e = (struct media_event){.type = MEDIA_EV_SLOTS, .room = 1, .peer = 1}; /* peers are numbered from 1 */
    e.text =
        "{\"video\":[{\"mid\":\"3\",\"who\":\"host\",\"source\":\"camera\"},{\"mid\":\"4\"}],\"audio\":[]}";
    hub_on_media(r->hub, &e);
    assert_says(r, ANN, "slots", "\"name\":\"Пані host\"");
    assert_silent(r, BOB, "slots", NULL);
    hub_on_close(r->hub, ANN);
    rig_enter_since(r, 10, "ann", "attendee", 5);
    assert_says(r, 10, "welcome", "\"view\":true");
    assert_says(r, 10, "slots", "host"); /* told again: they may have changed meanwhile */
    e.type = MEDIA_EV_QUALITY;
    e.text = "{\"rtt_ms\":20,\"loss\":0.01}";
    hub_on_media(r->hub, &e);
    assert_says(r, 10, "quality", "\"kind\":\"view\"");
    e.type = MEDIA_EV_PEER_DOWN;
    e.text = "consent";
    hub_on_media(r->hub, &e);
    assert_says(r, 10, "media_down", "\"kind\":\"view\",\"reason\":\"consent\"");
    rig_say(r, 10, "{\"type\":\"want\",\"id\":9,\"picks\":[]}");
    assert_says(r, 10, "error", "\"id\":9,\"error\":\"conflict\"");
}

static void quality(struct rig *r, uint64_t peer, const char *json) {
    struct media_event e = {.type = MEDIA_EV_QUALITY, .room = 1, .peer = peer, .text = (char *)json};
    hub_on_media(r->hub, &e);
}

/* The host hears whose line is weak, what of it, and that it is well again; nobody else does. */
static void weak_lines(void **state) {
    struct rig *r = *state;
    rig_class(r);
    offer(r, HOST, "view", 1, NULL, "chromium-view"); /* peers are numbered from 1 */
    offer(r, ANN, "view", 1, NULL, "chromium-view");
    offer(r, BOB, "view", 1, NULL, "firefox-view");
    quality(r, 2, "{\"rtt_ms\":40,\"loss\":0.010,\"bitrate_bps\":1000000}");
    quality(r, 3, "{\"rtt_ms\":40,\"loss\":0}");
    rig_say(r, BOB, "{\"type\":\"line\",\"freeze_ms\":0}");
    rig_pass(r, 10 * S);
    assert_silent(r, HOST, "lines", NULL);
    quality(r, 2, "{\"rtt_ms\":450,\"loss\":0.04}");
    rig_say(r, BOB, "{\"type\":\"line\",\"freeze_ms\":3000}");
    rig_pass(r, 2 * S);
    const char *told = rig_last(r, HOST, "lines", NULL);
    assert_non_null(told);
    assert_non_null(strstr(told, "{\"who\":\"ann\",\"line\":\"weak\",\"loss\":0.04"));
    assert_non_null(strstr(told, "\"rtt_ms\":450"));
    assert_true(strstr(told, "\"bob\",\"line\":\"bad\"") < strstr(told, "\"ann\"")); /* the worst first */
    assert_silent(r, ANN, "lines", NULL);
    rig_clear(r, HOST);
    quality(r, 2, "{\"rtt_ms\":40,\"loss\":0}");
    rig_pass(r, 6 * S);
    assert_null(strstr(rig_last(r, HOST, "lines", NULL), "ann"));
    assert_says(r, HOST, "lines", "\"bob\"");
    rig_say(r, ANN, "{\"type\":\"line\",\"id\":4,\"freeze_ms\":-1}");
    assert_says(r, ANN, "error", "\"field\":\"freeze_ms\"");
    quality(r, 2, "nonsense");
    rig_say(r, HOST, "{\"type\":\"ping\"}");
    rig_pass(r, 30 * S); /* he says no more: it is forgotten */
    assert_says(r, HOST, "lines", "\"weak\":[]");
    size_t n = rig_count(r, HOST, "lines");
    rig_pass(r, 10 * S);
    assert_int_equal(rig_count(r, HOST, "lines"), n); /* nothing more to tell */
}

/* ---- WHIP and WHEP ---- */

struct posted {
    int calls, err;
    char resource[WHIP_RESOURCE_MAX + 1], text[160];
    size_t sdp_bytes;
};
static void on_posted(void *ctx, const struct whip_answer *a) {
    struct posted *p = ctx;
    p->calls++;
    p->err = a->err;
    p->sdp_bytes = a->sdp.n;
    STR_COPY(p->resource, str_of(a->resource));
    STR_COPY(p->text, str_of(a->text ? a->text : ""));
}

static struct posted post(struct rig *r, enum media_peer_kind kind, const char *id, const char *role,
                          const char *name, char ticket[TICKET_MAX + 1]) {
    static struct posted p;
    char *sdp = vector(name);
    p = (struct posted){0};
    rig_ticket(r, ticket, id, "r1", role);
    whip_post(r->hub, kind, "r1", str_of(ticket), str_of(sdp), on_posted, &p);
    rig_settle(r);
    mem_free(sdp);
    assert_int_equal(p.calls, 1);
    return p;
}

static void a_whip_publisher(void **state) {
    struct rig *r = *state;
    char ticket[TICKET_MAX + 1], other[TICKET_MAX + 1], why[160];
    struct buf b;
    rig_class(r);
    struct posted p = post(r, MEDIA_PUBLISH, "obs", "speaker", "written-obs-whip", ticket);
    assert_int_equal(p.err, 0);
    assert_true(p.sdp_bytes > 100 && strlen(p.resource) == WHIP_RESOURCE_MAX);
    assert_says(r, ANN, "joined", "\"who\":\"obs\"");
    assert_says(r, ANN, "joined", "\"stage\":true");
    struct media_event e = {.type = MEDIA_EV_TRACK_ON, .room = 1, .source = MEDIA_CAMERA};
    STR_COPY(e.member, STR("obs"));
    hub_on_media(r->hub, &e);
    rig_settle(r);
    assert_says(r, ANN, "source", "\"who\":\"obs\",\"source\":\"camera\",\"on\":true");
    e.type = MEDIA_EV_TRACK_OFF;
    hub_on_media(r->hub, &e);
    rig_settle(r);
    assert_says(r, ANN, "source", "\"who\":\"obs\",\"source\":\"camera\",\"on\":false");
    e.type = MEDIA_EV_TRACK_ON;
    hub_on_media(r->hub, &e);
    rig_settle(r);

    buf_init(&b, 65536);
    rig_ticket(r, other, "ann", "r1", "attendee");
    assert_int_equal(whip_patch(r->hub, p.resource, str_of(other), STR("a=ice-ufrag:x\r\n"), &b, why),
                     -ERR_DENIED);
    assert_int_equal(whip_patch(r->hub, "nonesuch", str_of(ticket), STR(""), &b, why), -ERR_MISSING);
    assert_int_equal(whip_patch(r->hub, p.resource, STR("x"), STR(""), &b, why), -ERR_AUTH);
    assert_int_equal(whip_delete(r->hub, p.resource, str_of(other)), -ERR_DENIED);
    assert_int_equal(whip_delete(r->hub, p.resource, str_of(ticket)), 0);
    rig_settle(r);
    assert_says(r, ANN, "source", "\"on\":false");
    assert_says(r, ANN, "left", "\"who\":\"obs\",\"reason\":\"left\"");
    assert_int_equal(whip_delete(r->hub, p.resource, str_of(ticket)), -ERR_MISSING);
    buf_fini(&b);
}

static void whip_refusals(void **state) {
    struct rig *r = *state;
    char ticket[TICKET_MAX + 1];
    struct posted p = {0};
    whip_post(r->hub, MEDIA_PUBLISH, "r1", STR("a.b.c"), STR("v=0"), on_posted, &p);
    assert_int_equal(p.err, -ERR_AUTH);
    rig_ticket(r, ticket, "obs", "r2", "speaker");
    whip_post(r->hub, MEDIA_PUBLISH, "r1", str_of(ticket), STR("v=0"), on_posted, &p);
    assert_int_equal(p.err, -ERR_AUTH); /* another room's */
    rig_ticket(r, ticket, "obs", "r1", "speaker");
    hub_clock(r->hub, r->now_us, INT64_MAX / 2);
    whip_post(r->hub, MEDIA_PUBLISH, "r1", str_of(ticket), STR("v=0"), on_posted, &p);
    assert_int_equal(p.err, -ERR_AUTH); /* over */
    assert_string_equal(p.text, "The ticket is over.");
    rig_pass(r, 1);
    p = post(r, MEDIA_VIEW, "tv", "attendee", "chromium-view", ticket);
    assert_int_equal(p.err, -ERR_CONFLICT); /* not open */
    rig_class(r);
    p = post(r, MEDIA_PUBLISH, "tv", "attendee", "written-obs-whip", ticket);
    assert_int_equal(p.err, -ERR_DENIED);           /* not on stage */
    assert_says(r, HOST, "left", "\"who\":\"tv\""); /* nor left behind in the room */
    rig_ticket(r, ticket, "obs", "r1", "speaker");
    whip_post(r->hub, MEDIA_PUBLISH, "r1", str_of(ticket), STR("nonsense"), on_posted, &p);
    rig_settle(r);
    assert_true(p.err < 0);
    assert_says(r, HOST, "left", "\"who\":\"obs\"");
    rig_say(r, HOST, "{\"type\":\"lobby\",\"on\":true}");
    p = post(r, MEDIA_VIEW, "tv2", "attendee", "chromium-view", ticket);
    assert_int_equal(p.err, -ERR_DENIED);
    rig_say(r, HOST, "{\"type\":\"end\"}");
    p = post(r, MEDIA_VIEW, "tv", "attendee", "chromium-view", ticket);
    assert_int_equal(p.err, -ERR_EXPIRED);
}

static void whip_with_a_page(void **state) {
    struct rig *r = *state;
    char ticket[TICKET_MAX + 1];
    rig_class(r);
    struct posted p = post(r, MEDIA_PUBLISH, "host", "host", "written-gstreamer-whip",
                           ticket); /* his camera by another way */
    assert_int_equal(p.err, 0);
    assert_silent(r, ANN, "left", "host");
    hub_on_close(r->hub, HOST);
    rig_pass(r, 30LL * S);
    rig_say(r, ANN, "{\"type\":\"ping\"}");
    assert_silent(r, ANN, "left", "host"); /* the publisher holds his place */
    rig_enter(r, 10, "host", "host");
    assert_says(r, 10, "welcome", "\"publish\":false"); /* not the page's own */
    assert_int_equal(whip_delete(r->hub, p.resource, str_of(ticket)), 0);
    rig_settle(r);
    assert_silent(r, ANN, "left", "host"); /* the page does */
}

static void a_whep_viewer_opens_a_standing_room(void **state) {
    struct rig *r = *state;
    char ticket[TICKET_MAX + 1];
    r->meta.standing = true;
    struct posted p = post(r, MEDIA_VIEW, "tv", "attendee", "written-safari16-whep", ticket);
    assert_int_equal(p.err, 0);
    struct hub_brief brief;
    assert_true(hub_room_brief(r->hub, "r1", &brief));
    assert_int_equal(brief.life, LIFE_OPEN);
    assert_int_equal(brief.present, 1);
    /* The server stops while somebody's POST waits for the room: it is answered. */
    struct posted late = {0};
    char *sdp = vector("chromium-view");
    r->is_manual = true;
    rig_ticket(r, ticket, "tv3", "r1", "attendee");
    whip_post(r->hub, MEDIA_VIEW, "r1", str_of(ticket), str_of(sdp), on_posted, &late);
    assert_int_equal(late.calls, 0);
    hub_shutdown(r->hub, 1000);
    assert_int_equal(late.calls, 1);
    assert_int_equal(late.err, -ERR_BUSY);
    mem_free(sdp);
}

int main(void) {
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        STORY(publish_and_view), STORY(a_source_comes_once), cmocka_unit_test(a_hidden_microphone),
        STORY(what_is_refused),  STORY(weak_lines),          STORY(who_listens),
        STORY(the_line_breaks),  STORY(events_of_media),     STORY(a_whip_publisher),
        STORY(whip_refusals),    STORY(whip_with_a_page),    STORY(a_whep_viewer_opens_a_standing_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
