#include "tests/sim/lan.h"
#include "media/base/clock.h"
#include "media/base/mem.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <setjmp.h>
#include <cmocka.h>

enum { BOX_BYTES = 4 << 20 };

static bool lose(struct lan *l, const uint8_t *p) {
    l->seed = l->seed * 6364136223846793005u + 1442695040888963407u;
    return p[0] >= 128 && (l->seed >> 33) % 1000 < l->loss_permille;
}

static void stream_out(struct lan_box *b, const uint8_t *p, size_t n) {
    uint8_t frame[DEFRAME_HEAD + DEFRAME_MAX];
    deframe_head(frame, n);
    memcpy(frame + DEFRAME_HEAD, p, n);
    n += DEFRAME_HEAD;
    for (size_t done = 0; done < n;) {
        ssize_t k = send(b->fd, frame + done, n - done, MSG_NOSIGNAL);
        struct pollfd room = {.fd = b->fd, .events = POLLOUT};
        if (k < 0 && (errno != EAGAIN || poll(&room, 1, 5000) != 1))
            return; /* the connection ended */
        done += k > 0 ? (size_t)k : 0;
    }
}

static void box_out(void *ctx, const uint8_t *p, size_t n, int64_t now_us) {
    struct lan_box *b = ctx;
    (void)now_us;
    if (b->tcp) {
        stream_out(b, p, n);
        return;
    }
    if (!lose(b->lan, p) && send(b->fd, p, n, 0) < 0)
        return; /* a full socket loses it, like a network */
}

void lan_open(struct lan *l, unsigned workers, unsigned room_peers_per_worker) {
    char err[256];
    memset(l, 0, sizeof *l);
    l->seed = 7;
    struct media_cfg cfg = {.listen = "127.0.0.1",
                            .tcp = true,
                            .workers = workers,
                            .room_peers_per_worker = room_peers_per_worker};
    int e = media_open(&l->media, &cfg, err);
    if (e)
        fail_msg("media_open: %s", err);
}

void lan_close(struct lan *l) {
    for (unsigned i = 0; i < l->n; i++) {
        assert_int_equal(l->box[i].end->heads.bad, 0);
        endpoint_close(l->box[i].end);
        if (l->box[i].fd >= 0)
            close(l->box[i].fd);
    }
    for (unsigned i = 0; i < l->count; i++)
        media_event_fini(&l->event[i]);
    media_close(l->media);
}

struct lan_box *lan_box(struct lan *l, const char *member, const struct endpoint_spec *spec) {
    assert_true(l->n < LAN_BOXES_MAX);
    struct lan_box *b = &l->box[l->n++];
    *b = (struct lan_box){.lan = l, .fd = -1, .source = l->n, .level = 127, .packets = 4};
    STR_COPY(b->member, str_of(member));
    b->tcp = l->tcp;
    struct endpoint_spec s = *spec;
    s.out = box_out;
    s.ctx = b;
    b->end = endpoint_open(&s);
    return b;
}

/* The port of the first candidate of the answer. */
static uint16_t answer_port(struct str sdp) {
    struct str line, word;
    uint64_t port = 0;
    while (str_line(&sdp, &line)) {
        if (!str_starts(line, STR("a=candidate:")))
            continue;
        for (int i = 0; i < 6 && str_word(&line, &word); i++)
            ;
        str_u64(word, 65535, &port);
        return (uint16_t)port;
    }
    return 0;
}

static void box_dial(struct lan_box *b) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(b->port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    b->fd = socket(AF_INET, (b->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
    int bytes = BOX_BYTES;
    /* A large picture or two wait here while a busy machine lets the pump rest; FORCE needs a privilege. */
    if (!b->tcp && setsockopt(b->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes))
        setsockopt(b->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    assert_int_equal(connect(b->fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(fcntl(b->fd, F_SETFL, O_NONBLOCK), 0);
}

void lan_redial(struct lan_box *b) {
    close(b->fd);
    b->in.have = 0;
    box_dial(b);
}

void lan_answer(struct lan_box *b, struct str sdp) {
    b->port = answer_port(sdp);
    box_dial(b);
    assert_true(endpoint_answer(b->end, sdp, clock_mono_us()));
}

static struct lan_box *box_join(struct lan_box *b, struct media_peer_spec *s) {
    char err[160];
    struct buf offer, answer;
    buf_init(&offer, SDP_MAX_BYTES);
    buf_init(&answer, SDP_MAX_BYTES);
    endpoint_offer(b->end, &offer);
    s->offer = buf_view(&offer);
    s->member = b->member;
    if (media_peer_open(b->lan->media, s, &b->peer, &answer, err))
        fail_msg("media_peer_open: %s", err);
    lan_answer(b, buf_view(&answer));
    buf_fini(&offer);
    buf_fini(&answer);
    return b;
}

struct lan_box *lan_publish(struct lan *l, uint64_t room, const char *member, enum codec codec) {
    struct endpoint_spec e = {.publish = true, .audio = 1, .video = 1, .codec = codec};
    struct media_peer_spec s = {.kind = MEDIA_PUBLISH, .room = room, .allow = 15};
    struct lan_box *b = box_join(lan_box(l, member, &e), &s);
    b->camera = b->mic = true;
    return b;
}

struct lan_box *lan_view(struct lan *l, uint64_t room, const char *member, enum codec codec,
                         unsigned video_slots) {
    struct endpoint_spec e = {
        .audio = 3, .video = video_slots, .codec = codec, .silent = !l->told, .ids = l->n};
    struct media_peer_spec s = {.kind = MEDIA_VIEW, .room = room, .video_slots = video_slots};
    return box_join(lan_box(l, member, &e), &s);
}

void lan_shut(struct lan_box *b) {
    media_peer_close(b->lan->media, b->peer);
    b->gone = true;
}

static bool box_frame(void *ctx, uint8_t *p, size_t n) {
    struct lan_box *b = ctx;
    endpoint_feed(b->end, p, n, b->now_us);
    return true;
}

static void box_step(struct lan_box *b, int64_t now_us) {
    uint8_t p[2048];
    b->now_us = now_us;
    for (ssize_t n; !b->deaf && (n = recv(b->fd, p, sizeof p, 0)) > 0;) {
        if (b->tcp)
            assert_int_equal(deframe_feed(&b->in, p, (size_t)n, box_frame, b), 0);
        else if (!lose(b->lan, p))
            endpoint_feed(b->end, p, (size_t)n, now_us);
    }
    if (b->gone)
        return;
    endpoint_step(b->end, now_us);
    if (b->mic && now_us >= b->sound_us) {
        endpoint_sound(b->end, 0, b->source, b->level, now_us);
        b->sound_us = now_us + 20000;
    }
    if (b->camera && now_us >= b->picture_us) {
        endpoint_picture(b->end, 1, b->source, b->packets, false, now_us);
        b->picture_us = now_us + 33333;
    }
}

static void lan_event(struct lan *l, struct media_event *e) {
    for (unsigned i = 0; i < l->n; i++) {
        struct lan_box *b = &l->box[i];
        if (b->peer != e->peer)
            continue;
        b->up += e->type == MEDIA_EV_PEER_UP;
        b->down += e->type == MEDIA_EV_PEER_DOWN;
        if (e->type == MEDIA_EV_SLOTS) {
            b->slot_events++;
            STR_COPY(b->slots, str_of(e->text));
        }
    }
    if (e->type == MEDIA_EV_SPEAKING)
        STR_COPY(l->speaking, str_of(e->text));
    assert_true(l->count < LAN_EVENTS_MAX);
    l->event[l->count++] = *e;
}

bool lan_run(struct lan *l, double seconds, bool (*cond)(struct lan *l, void *arg), void *arg) {
    int64_t now_us = clock_mono_us(), end_us = now_us + (int64_t)(seconds * 1e6);
    struct pollfd fds[LAN_BOXES_MAX + 1];
    l->turned_us = now_us;
    while (now_us < end_us) {
        l->stall_us = now_us - l->turned_us > l->stall_us ? now_us - l->turned_us : l->stall_us;
        l->turned_us = now_us;
        for (unsigned i = 0; i < l->n; i++) {
            fds[i] = (struct pollfd){.fd = l->box[i].fd, .events = l->box[i].deaf ? 0 : POLLIN};
            box_step(&l->box[i], now_us);
        }
        struct media_event e[32];
        for (size_t n; (n = media_poll(l->media, e, 32));) {
            for (size_t i = 0; i < n; i++)
                lan_event(l, &e[i]);
        }
        if (cond && cond(l, arg))
            return true;
        fds[l->n] = (struct pollfd){.fd = media_fd(l->media), .events = POLLIN};
        poll(fds, l->n + 1, 5);
        now_us = clock_mono_us();
    }
    return !cond;
}

unsigned lan_events(const struct lan *l, enum media_event_type type, uint64_t peer) {
    unsigned n = 0;
    for (unsigned i = 0; i < l->count; i++)
        n += l->event[i].type == type && (!peer || l->event[i].peer == peer);
    return n;
}

struct endpoint_line *lan_showing(struct lan_box *b, uint32_t source) {
    for (unsigned i = 0; i < b->end->lines; i++) {
        struct endpoint_line *l = &b->end->line[i];
        if (l->video && l->shown && l->source == source)
            return l;
    }
    return NULL;
}
