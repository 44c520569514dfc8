#include "media/rtc/peer.h"
#include "media/base/pcapng.h"
#include "media/base/rd.h"

static void peer_emit(struct peer *p, enum media_event_type type, char *text) {
    struct media_event e = {.type = type, .room = p->room->id, .peer = p->id, .text = text};
    STR_COPY(e.member, str_of(p->member));
    p->env->emit(p->env->emit_ctx, &e);
}

static void peer_down(struct peer *p, const char *reason) {
    if (p->doomed)
        return;
    p->doomed = true;
    peer_emit(p, MEDIA_EV_PEER_DOWN, mem_strdup(reason));
    list_put(p->doom, &p->in_doom);
}

static int64_t peer_next_us(const struct peer *p) {
    int64_t at = ice_next_us(&p->ice);
    if (p->dtls)
        at = env_min(at, dtls_next_us(p->dtls));
    if (!p->up)
        return at;
    at = env_min(at, p->quality_us);
    at = p->view ? env_min(at, steer_next_us(&p->view->steer)) : at;
    at = env_min(at, p->leg.capture ? p->capture_until_us : INT64_MAX);
    return env_min(at, p->pub ? publish_next_us(p->pub) : p->report_us);
}

bool peer_capture(struct peer *p, struct pcapng *into, int64_t until_us) {
    if (p->leg.capture)
        return false;
    p->leg.capture = into;
    p->capture_until_us = until_us;
    env_arm(p->env, &p->timer, until_us);
    return true;
}

static void peer_end_capture(struct peer *p) {
    struct pcapng *c = p->leg.capture;
    p->leg.capture = NULL;
    if (c)
        peer_emit(p, MEDIA_EV_CAPTURE, (char *)c);
}

static void peer_quality(struct peer *p, int64_t now_us) {
    int64_t rtt_us = 0;
    uint8_t loss = 0;
    if (p->view)
        watch_quality(p->view, &rtt_us, &loss);
    else
        publish_quality(p->pub, &rtt_us, &loss);
    uint64_t bytes = p->view ? p->leg.tx_bytes : p->pub->rx_bytes;
    uint64_t bps = (bytes - p->quality_bytes) * 8000000 / PEER_QUALITY_US;
    p->quality_bytes = bytes;
    p->quality_us = now_us + PEER_QUALITY_US;
    struct buf b;
    buf_init(&b, 256);
    buf_printf(&b, "{\"rtt_ms\":%lld,\"loss\":%.3f,\"bitrate_bps\":%llu,\"nacks\":%llu",
               (long long)(rtt_us / 1000), loss / 256.0, (unsigned long long)bps,
               (unsigned long long)(p->pub ? p->pub->nacked : p->nacked));
    if (p->view && p->view->steer.bwe.known)
        buf_printf(&b, ",\"estimate_bps\":%llu", (unsigned long long)p->view->steer.bwe.bps);
    buf_z(&b, "}");
    peer_emit(p, MEDIA_EV_QUALITY, buf_take(&b, NULL));
    buf_fini(&b);
}

/* Drains what DTLS has to say, along the nominated path, before nomination back where the datagram came from.
 */
static void peer_dtls_out(struct peer *p, const struct addr_path *came) {
    const struct addr_path *path = ice_selected(&p->ice);
    path = path ? path : came;
    for (size_t n = 1; n && path;) {
        uint8_t *d = sendq_next(p->env->out);
        n = dtls_next_out(p->dtls, d, SENDQ_BYTES);
        if (!n)
            return;
        sendq_put(p->env->out, n, path, NULL);
        p->strayed = p->strayed || (p->shook && !addr_same_end(&p->shaken, path));
        if (!p->shook)
            p->shaken = *path;
        p->shook = true;
    }
}

/* Who connected by TCP, or finished a handshake whose words went there, or answered a question, is there. One
 * whose password was not told cannot be asked. */
static bool peer_is_there(const struct peer *p, const struct addr_path *path) {
    return path->stream || !p->ice.now.remote_pwd[0] || ice_answers(&p->ice, path);
}

/* Media goes along the selected path once somebody is known to be there: a member could name any third one's
 * address, and have him sent the class. */
static void peer_follow(struct peer *p) {
    const struct addr_path *path = ice_selected(&p->ice);
    if (!path || !p->leg.secure || (p->leg.up && addr_same_end(&p->leg.path, path)) ||
        !peer_is_there(p, path))
        return;
    p->leg.path = *path;
    p->leg.up = true;
}

const struct addr_path *peer_awaits(const struct peer *p) {
    const struct addr_path *path = ice_selected(&p->ice);
    return p->doomed || !p->up || !path || peer_is_there(p, path) ? NULL : path;
}

bool peer_holds(const struct peer *p, const struct addr_path *path, int64_t now_us) {
    int64_t seen_us = ice_seen_us(&p->ice, path);
    int64_t heard_us = p->heard_us > seen_us ? p->heard_us : seen_us;
    return seen_us && !p->doomed && now_us - heard_us < PEER_HOLDS_US;
}

static void peer_go_up(struct peer *p, int64_t now_us) {
    struct secure_keys keys;
    int err = dtls_export_keys(p->dtls, &keys);
    if (!err)
        err = secure_open(&p->leg.secure, &keys);
    explicit_bzero(&keys, sizeof keys);
    if (err) {
        peer_down(p, "profile");
        return;
    }
    if (p->shook && !p->strayed)
        ice_answers_at(&p->ice, &p->shaken);
    peer_follow(p);
    p->up = true;
    p->quality_us = now_us + PEER_QUALITY_US;
    p->report_us = now_us + WATCH_FIRST_REPORT_US;
    peer_emit(p, MEDIA_EV_PEER_UP, NULL);
    if (p->view)
        router_view_add(p->room, p->view);
}

static void peer_after_dtls(struct peer *p, enum dtls_state s, const struct addr_path *came, int64_t now_us) {
    peer_dtls_out(p, came);
    if (s == DTLS_READY && !p->up)
        peer_go_up(p, now_us);
    else if (s == DTLS_FAILED)
        peer_down(p, dtls_reason(p->dtls));
    else if (s == DTLS_CLOSED)
        peer_down(p, "closed");
    env_arm(p->env, &p->timer, peer_next_us(p));
}

static void peer_fire(struct env_timer *t, int64_t now_us) {
    struct peer *p = container_of(t, struct peer, timer);
    if (p->doomed)
        return;
    if (ice_consent_lost(&p->ice, now_us)) {
        peer_down(p, p->ice.ever ? "consent" : "timeout");
        return;
    }
    if (p->dtls && dtls_next_us(p->dtls) <= now_us) {
        peer_after_dtls(p, dtls_on_timer(p->dtls, now_us), NULL, now_us);
        if (p->doomed)
            return;
    }
    if (p->up) {
        if (p->pub)
            publish_timer(p->pub, now_us);
        if (p->view && now_us >= steer_next_us(&p->view->steer) && view_tick(p->view, now_us))
            router_view_changed(p->room, p->view);
        if (p->view && now_us >= p->report_us) {
            watch_report(p->view, &p->leg, now_us);
            p->report_us = now_us + WATCH_REPORT_US;
        }
        if (now_us >= p->quality_us)
            peer_quality(p, now_us);
        if (p->leg.capture && now_us >= p->capture_until_us)
            peer_end_capture(p);
    }
    env_arm(p->env, &p->timer, peer_next_us(p));
}

struct peer *peer_open(const struct peer_cfg *c, struct env *env, struct router *room, struct list *doom,
                       int64_t now_us) {
    struct peer *p = mem_aligned(WARM_LINE, sizeof *p);
    p->id = c->id;
    p->kind = c->kind;
    STR_COPY(p->member, str_of(c->member));
    p->env = env;
    p->room = room;
    p->doom = doom;
    list_init(&p->in_doom);
    ice_init(&p->ice, &c->creds, now_us);
    p->dtls_server = c->dtls_server;
    memcpy(p->remote_fp, c->remote_fp, sizeof p->remote_fp);
    p->leg.env = env;
    p->leg.timer = &p->timer;
    p->timer.fire = peer_fire;
    if (c->kind == MEDIA_PUBLISH) {
        p->pub = publish_open(c, &p->leg, room, now_us);
    } else {
        struct view_cfg v = {.peer = c->id,
                             .member = c->member,
                             .leg = &p->leg,
                             .line = c->line,
                             .line_count = c->line_count,
                             .audio = c->audio,
                             .video = c->video};
        p->view = mem_aligned(WARM_LINE, sizeof *p->view);
        view_init(p->view, &v);
    }
    env->n.peers++;
    env_arm(env, &p->timer, peer_next_us(p));
    return p;
}

void peer_goodbye(struct peer *p) {
    if (p->leg.up && p->pub)
        publish_bye(p->pub);
    if (p->leg.up && p->view)
        watch_bye(p->view, &p->leg);
    if (p->dtls && p->up) {
        dtls_shutdown(p->dtls);
        peer_dtls_out(p, NULL);
    }
}

void peer_close(struct peer *p, int64_t now_us) {
    sendq_flush(p->env->out); /* what is queued points at the slots */
    peer_end_capture(p);
    if (p->pub)
        publish_close(p->pub, now_us);
    if (p->view) {
        view_fini(p->view);
        mem_free(p->view);
    }
    dtls_close(p->dtls);
    secure_close(p->leg.secure);
    heap_drop(&p->env->timers, &p->timer.node);
    list_drop(&p->in_doom);
    p->env->n.peers--;
    mem_free(p);
}

enum { PEER_RTP_SSRC = 8, PEER_RTCP_SSRC = 4 }; /* where it stands: RFC 3550 5.1, 6.4.1 */

/* 0: none. */
static uint32_t peer_ssrc(struct bytes pkt, size_t at) {
    struct rd r = rd_init(pkt.p, pkt.n);
    rd_skip(&r, at);
    return rd_u32(&r);
}

static const struct peer_voice *peer_voice(const struct peer *p, uint32_t ssrc) {
    for (unsigned i = 0; i < PEER_VOICES && ssrc; i++)
        if (p->voices[i].ssrc == ssrc)
            return &p->voices[i];
    return NULL;
}

/* An authenticated report; one that comes late does not take the count back. */
static void peer_spoke(struct peer *p, uint32_t ssrc, int64_t index) {
    const struct peer_voice *known = peer_voice(p, ssrc);
    unsigned at = known ? (unsigned)(known - p->voices) : p->next_voice++ % PEER_VOICES;
    if (!known || index > known->index)
        p->voices[at] = (struct peer_voice){ssrc, (uint32_t)index};
}

int peer_stun(struct peer *p, const struct stun *m, const struct addr_path *path, int64_t now_us,
              struct ice_out *out) {
    int err = ice_on_stun(&p->ice, m, path, now_us, out);
    if (err || p->doomed)
        return err;
    if (!p->dtls) {
        if (dtls_open(&p->dtls, p->dtls_server ? DTLS_SERVER : DTLS_CLIENT, p->remote_fp, now_us)) {
            peer_down(p, "dtls");
            return 0;
        }
        env_arm(p->env, &p->timer, peer_next_us(p));
    }
    peer_follow(p);
    if (out->did & ICE_DID_SELECT)
        peer_dtls_out(p, path);
    return 0;
}

static bool peer_is_silent(const struct peer *p, int64_t now_us) {
    return !p->doomed && p->up && now_us - p->heard_us >= PEER_SILENT_US;
}

bool peer_may_send(const struct peer *p, struct bytes rtp, int64_t now_us) {
    return p->pub && peer_is_silent(p, now_us) && publish_knows(p->pub, peer_ssrc(rtp, PEER_RTP_SSRC));
}

bool peer_may_speak(const struct peer *p, struct bytes rtcp, int64_t now_us) {
    const struct peer_voice *v = peer_voice(p, peer_ssrc(rtcp, PEER_RTCP_SSRC));
    if (!v || !peer_is_silent(p, now_us))
        return false;
    int64_t ahead = secure_rtcp_index(p->leg.secure, rtcp) - v->index;
    return ahead > 0 && ahead <= PEER_INDEX_AHEAD;
}

bool peer_heard(struct peer *p, const struct addr_path *path, int64_t now_us) {
    const struct addr_path *selected = ice_selected(&p->ice);
    bool moves = selected && !addr_same_end(selected, path);
    if (moves) {
        if (!peer_is_silent(p, now_us) || !ice_follow(&p->ice, path, now_us))
            return false;
        peer_follow(p);
        if (p->dtls)
            peer_dtls_out(p, path);
    }
    p->heard_us = now_us;
    return moves;
}

bool peer_challenge(struct peer *p, const uint8_t tid[STUN_TID_BYTES], const struct addr_path *path,
                    int64_t now_us) {
    if (now_us - p->challenged_us < PEER_CHALLENGE_US)
        return false;
    size_t n = ice_challenge(&p->ice, tid, sendq_next(p->env->out), SENDQ_BYTES);
    if (!n)
        return false;
    sendq_put(p->env->out, n, path, NULL);
    p->challenged_us = now_us;
    return true;
}

int peer_answer(struct peer *p, const struct stun *m, const struct addr_path *path, int64_t now_us,
                struct ice_out *out) {
    int err = ice_on_answer(&p->ice, m, path, now_us, out);
    if (err || p->doomed)
        return err;
    peer_follow(p);
    if (p->dtls && out->did & ICE_DID_SELECT)
        peer_dtls_out(p, path);
    return 0;
}

void peer_path_gone(struct peer *p, const struct addr_path *path) {
    if (ice_forget(&p->ice, path))
        p->leg.up = false; /* until the peer nominates another, or consent is lost */
}

void peer_warm(const struct peer *p, unsigned step) {
    if (step == 0) {
        warm_part(p, 0, offsetof(struct peer, id));
        warm_range(&p->ice.proven[0], &p->ice.proven[1]);
        __builtin_prefetch(&p->ice.selected);
    } else if (p->up && step == 1) {
        secure_warm(p->leg.secure, SECURE_FIRST);
        if (p->view)
            steer_warm(&p->view->steer);
    } else if (p->up) {
        secure_warm(p->leg.secure, SECURE_REPORT);
        if (p->view)
            steer_warm_report(&p->view->steer);
    }
}

void peer_dtls(struct peer *p, struct bytes d, const struct addr_path *path, int64_t now_us) {
    if (p->doomed || !p->dtls || !ice_is_proven(&p->ice, path))
        return;
    peer_after_dtls(p, dtls_feed(p->dtls, d, now_us), path, now_us);
}

bool peer_rtp(struct peer *p, uint8_t *pkt, size_t n, int64_t now_us) {
    if (p->doomed || !p->up || !p->pub) /* a view sends no RTP */
        return false;
    if (!publish_admits(p->pub, peer_ssrc((struct bytes){pkt, n}, PEER_RTP_SSRC))) {
        p->env->n.rx_refused++;
        return false;
    }
    int len = secure_unprotect(p->leg.secure, pkt, n);
    if (len < 0) {
        p->env->n.bad_auth++;
        return false;
    }
    leg_see(&p->leg, false, (struct bytes){pkt, (size_t)len});
    publish_rtp(p->pub, (struct bytes){pkt, (size_t)len}, now_us);
    env_arm(p->env, &p->timer, publish_next_us(p->pub));
    return true;
}

bool peer_rtcp(struct peer *p, uint8_t *pkt, size_t n, int64_t now_us) {
    if (p->doomed || !p->up)
        return false;
    struct bytes sealed = {pkt, n};
    uint32_t ssrc = peer_ssrc(sealed, PEER_RTCP_SSRC);
    int64_t index = secure_rtcp_index(p->leg.secure, sealed);
    int len = secure_unprotect_rtcp(p->leg.secure, pkt, n);
    if (len < 0) {
        p->env->n.bad_auth++;
        return false;
    }
    peer_spoke(p, ssrc, index);
    struct bytes plain = {pkt, (size_t)len};
    leg_see(&p->leg, false, plain);
    if (p->pub) {
        publish_rtcp(p->pub, plain, now_us);
        return true;
    }
    p->nacked += watch_rtcp(p->view, &p->leg, plain, now_us);
    env_arm(p->env, &p->timer, steer_next_us(&p->view->steer));
    return true;
}

void peer_restart(struct peer *p, const struct ice_creds *c) { ice_restart(&p->ice, c); }
