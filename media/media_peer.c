#include "media/base/err.h"
#include "media/base/rnd.h"
#include "media/media_own.h"
#include "media/rtc/dtls.h"
#include <stdio.h>

static int media_refuse(int err, char sentence[160], const char *text) {
    snprintf(sentence, 160, "%s", text);
    return err;
}

/* ---- what each m-line of a publisher is ---- */

static int media_named_source(const struct media_peer_spec *s, struct str mid) {
    for (unsigned i = 0; i < s->source_count && i < MEDIA_TRACKS_PER_PEER_MAX; i++) {
        if (str_is(mid, s->sources[i].mid))
            return (int)s->sources[i].source;
    }
    return -1;
}

/* source[i] of every m-line, or none (and then inactive). Unlisted: the first free of mic, screen sound for
 * audio; of camera, screen, content for video. */
static void media_sources(const struct media_peer_spec *s, const struct sdp_offer *o,
                          enum media_source source[SDP_MEDIA_MAX], bool inactive[SDP_MEDIA_MAX]) {
    enum { LINES = 3 };
    static const enum media_source order[2][LINES] = {{MEDIA_MIC, MEDIA_SCREEN_AUDIO, MEDIA_SOURCE_COUNT},
                                                      {MEDIA_CAMERA, MEDIA_SCREEN, MEDIA_CONTENT}};
    unsigned taken = 0;
    int named[SDP_MEDIA_MAX];
    for (unsigned i = 0; i < o->media_count; i++) {
        int got = media_named_source(s, o->media[i].mid);
        named[i] = got >= 0 && taken & 1u << got ? MEDIA_SOURCE_COUNT : got; /* of each source one line */
        taken |= got >= 0 ? 1u << got : 0;
    }
    for (unsigned i = 0; i < o->media_count; i++) {
        const struct sdp_media *l = &o->media[i];
        int got = named[i];
        for (unsigned k = 0; k < LINES && got < 0 && l->kind <= SDP_VIDEO; k++) {
            if (order[l->kind][k] < MEDIA_SOURCE_COUNT && !(taken & 1u << order[l->kind][k]))
                got = (int)order[l->kind][k];
        }
        bool audio = got == MEDIA_MIC || got == MEDIA_SCREEN_AUDIO;
        inactive[i] = got < 0 || got >= MEDIA_SOURCE_COUNT || !(s->allow & 1u << got) ||
                      audio != (l->kind == SDP_AUDIO);
        source[i] = got < 0 ? MEDIA_SOURCE_COUNT : (enum media_source)got;
        taken |= got < 0 ? 0 : 1u << got;
    }
}

/* ---- answering ---- */

static uint32_t media_fresh_ssrc(const uint32_t *used, unsigned n) {
    uint32_t s = rnd_u32();
    for (unsigned i = 0; i < n; i++) {
        if (!s || used[i] == s) {
            s = rnd_u32();
            i = UINT32_MAX; /* from the start: i++ makes it 0 */
        }
    }
    return s ? s : 1;
}

static void media_ssrcs(struct media_peer *p) {
    uint32_t used[MEDIA_AUDIO_SLOTS + 2 * MEDIA_VIDEO_SLOTS_MAX];
    for (unsigned i = 0; i < countof(used); i++)
        used[i] = media_fresh_ssrc(used, i);
    const uint32_t *next = used;
    for (unsigned i = 0; i < MEDIA_AUDIO_SLOTS; i++)
        p->audio[i] = (struct sdp_ssrc){*next++, 0};
    for (unsigned i = 0; i < MEDIA_VIDEO_SLOTS_MAX; i++, next += 2)
        p->video[i] = (struct sdp_ssrc){next[0], next[1]};
}

static struct sdp_local media_local(const struct media *m, const struct media_peer *p,
                                    const struct ice_creds *creds, struct addr addrs[SDP_ADDRS_MAX]) {
    static const enum sdp_codec VIDEO[MEDIA_VIDEO_COUNT] = {SDP_H264, SDP_VP8, SDP_VP9, SDP_AV1};
    for (unsigned i = 0; i < m->addr_count; i++) {
        addrs[i] = m->addrs[i];
        addrs[i].port = worker_port(m->w[p->worker]);
    }
    struct sdp_local l = {.side = p->kind == MEDIA_PUBLISH ? SDP_PUBLISH : SDP_VIEW,
                          .ufrag = creds->ufrag,
                          .pwd = creds->pwd,
                          .fingerprint = dtls_fingerprint(),
                          .cname = "somhub",
                          .session_id = p->session_id,
                          .version = p->version,
                          .addrs = addrs,
                          .addr_count = m->addr_count,
                          .tcp = m->tcp,
                          .prefer = VIDEO[p->prefer],
                          .twcc = true,
                          .audio_count = MEDIA_AUDIO_SLOTS,
                          .video_count = p->video_slots,
                          .audio = p->audio,
                          .video = p->video};
    memcpy(l.inactive, p->inactive, sizeof l.inactive);
    return l;
}

/* Parses and answers an offer into m->offer, m->neg. creds gets the remote ufrag. */
static int media_answer(struct media *m, const struct media_peer *p, struct ice_creds *creds,
                        struct buf *answer, char sentence[160]) {
    struct addr addrs[SDP_ADDRS_MAX];
    struct sdp_local l = media_local(m, p, creds, addrs);
    int err = sdp_answer(answer, &m->offer, &l, &m->neg, sentence);
    if (err)
        return err;
    if (!STR_COPY(creds->remote_ufrag, m->neg.remote_ufrag))
        return media_refuse(-ERR_INVALID, sentence, "The ICE user fragment of the offer is too long.");
    STR_COPY(creds->remote_pwd, m->neg.remote_pwd);
    return 0;
}

static struct peer_cfg *media_peer_cfg(const struct media *m, const struct media_peer *p, const char *member,
                                       const struct ice_creds *creds, const enum media_source *source) {
    struct peer_cfg *c = mem_zalloc(sizeof *c);
    c->id = p->id;
    c->room = p->room->id;
    c->kind = p->kind;
    c->home = p->worker == p->room->home;
    STR_COPY(c->member, str_of(member));
    c->creds = *creds;
    memcpy(c->remote_fp, m->neg.remote_fp, sizeof c->remote_fp);
    c->dtls_server = m->neg.passive;
    c->line_count = m->neg.line_count;
    memcpy(c->line, m->neg.line, c->line_count * sizeof c->line[0]);
    memcpy(c->audio, p->audio, sizeof c->audio);
    memcpy(c->video, p->video, sizeof c->video);
    if (p->kind == MEDIA_PUBLISH)
        memcpy(c->source, source, sizeof c->source);
    return c;
}

static int media_may_open(const struct media *m, const struct media_peer_spec *s, char sentence[160]) {
    if (!s->room || !media_member_ok(s->member))
        return media_refuse(-ERR_INVALID, sentence, "The member or the room is not named properly.");
    if (m->peers.n >= MEDIA_PEERS_MAX)
        return media_refuse(-ERR_FULL, sentence, "The server carries as many connections as it can.");
    for (unsigned i = 0; i < m->workers; i++) {
        if (m->pending[i].n >= MEDIA_PENDING_MAX)
            return media_refuse(-ERR_BUSY, sentence, "The server is overloaded, try again in a moment.");
    }
    return 0;
}

int media_peer_open(struct media *m, const struct media_peer_spec *s, uint64_t *peer, struct buf *answer,
                    char sentence[160]) {
    sentence[0] = 0;
    int err = media_may_open(m, s, sentence);
    err = err ? err : sdp_parse(&m->offer, s->offer, sentence);
    if (err)
        return err;
    media_weigh(m);
    struct media_room *r = media_room_get(m, s->room);
    if (!r)
        return media_refuse(-ERR_FULL, sentence, "The server carries as many rooms as it can.");
    unsigned worker = media_place(m, r, s->kind);
    if (!media_admit(m, worker, s->kind))
        return media_refuse(-ERR_FULL, sentence,
                            "The server shows this to as many people as it can do well. Try again in a few "
                            "minutes, or watch the recording afterwards.");
    enum media_source source[SDP_MEDIA_MAX];
    struct media_peer *p = mem_zalloc(sizeof *p);
    p->room = r;
    p->worker = worker;
    p->kind = s->kind;
    p->video_slots = s->video_slots > MEDIA_VIDEO_SLOTS_MAX ? MEDIA_VIDEO_SLOTS_MAX : s->video_slots;
    p->prefer = s->video;
    p->version = 1;
    p->session_id = rnd_u64() >> 2; /* RFC 9429 5.2.1: "less than (2**63)-1" */
    media_ssrcs(p);
    if (s->kind == MEDIA_PUBLISH)
        media_sources(s, &m->offer, source, p->inactive);
    struct ice_creds creds;
    ice_creds_make(&creds);
    err = media_answer(m, p, &creds, answer, sentence);
    if (err) {
        mem_free(p);
        return err;
    }
    p->id = ++m->last_id;
    memcpy(p->remote_fp, m->neg.remote_fp, sizeof p->remote_fp);
    STR_COPY(p->remote_ufrag, str_of(creds.remote_ufrag));
    map_put(&m->peers, p->id, p);
    m->load[p->worker]++;
    struct cmd c = {.type = CMD_PEER_OPEN,
                    .room = r->id,
                    .id = p->id,
                    .p = media_peer_cfg(m, p, s->member, &creds, source)};
    media_post(m, p->worker, &c);
    if (p->kind == MEDIA_VIEW)
        media_room_view_in(m, r, p->worker);
    *peer = p->id;
    return 0;
}

static void media_post_restart(struct media *m, struct media_peer *p, const struct ice_creds *creds) {
    struct ice_creds *k = mem_zalloc(sizeof *k);
    *k = *creds;
    STR_COPY(p->remote_ufrag, str_of(creds->remote_ufrag));
    struct cmd c = {.type = CMD_PEER_RESTART, .id = p->id, .p = k};
    media_post(m, p->worker, &c);
}

int media_peer_restart(struct media *m, uint64_t peer, struct str offer, struct buf *answer,
                       char sentence[160]) {
    sentence[0] = 0;
    struct media_peer *p = map_get(&m->peers, peer);
    if (!p)
        return media_refuse(-ERR_MISSING, sentence, "This connection no longer exists.");
    int err = sdp_parse(&m->offer, offer, sentence);
    if (err)
        return err;
    struct ice_creds creds;
    ice_creds_make(&creds);
    p->version++;
    err = media_answer(m, p, &creds, answer, sentence);
    if (err)
        return err;
    if (memcmp(p->remote_fp, m->neg.remote_fp, sizeof p->remote_fp) != 0)
        return media_refuse(-ERR_CONFLICT, sentence,
                            "The certificate changed: open a new connection instead.");
    media_post_restart(m, p, &creds);
    return 0;
}

int media_peer_fragment(struct media *m, uint64_t peer, struct str fragment, struct buf *answer,
                        char sentence[160]) {
    sentence[0] = 0;
    struct media_peer *p = map_get(&m->peers, peer);
    if (!p)
        return media_refuse(-ERR_MISSING, sentence, "This connection no longer exists.");
    struct sdp_fragment f;
    int err = sdp_parse_fragment(&f, fragment, sentence);
    if (err || !f.ufrag.n || str_is(f.ufrag, p->remote_ufrag))
        return err; /* only candidates: a lite agent answers checks, it needs none */
    struct ice_creds creds;
    ice_creds_make(&creds);
    if (!STR_COPY(creds.remote_ufrag, f.ufrag))
        return media_refuse(-ERR_INVALID, sentence, "The ICE user fragment is too long.");
    STR_COPY(creds.remote_pwd, f.pwd);
    struct addr addrs[SDP_ADDRS_MAX];
    struct sdp_local l = media_local(m, p, &creds, addrs);
    err = sdp_write_fragment(answer, &l, f.mid);
    if (!err)
        media_post_restart(m, p, &creds);
    return err;
}

void media_peer_forget(struct media *m, struct media_peer *p) {
    map_drop(&m->peers, p->id);
    m->load[p->worker]--;
    if (p->kind == MEDIA_VIEW)
        media_room_view_out(m, p->room, p->worker);
    mem_free(p);
}

void media_peer_close(struct media *m, uint64_t peer) {
    struct media_peer *p = map_get(&m->peers, peer);
    if (!p)
        return;
    struct cmd c = {.type = CMD_PEER_CLOSE, .id = peer};
    media_post(m, p->worker, &c);
    media_peer_forget(m, p);
}
