#include "media/base/err.h"
#include "media/sdp_attr.h"

/* ---- which codec of a line ---- */

/* How well an H.264 payload fits: 0 not at all. What browsers send and every device decodes is Constrained
 * Baseline (42, constraint_set1); Main and High decode it too, so a viewer that offers only those is served.
 * RFC 6184 5.4: mode 1 is needed for fragments, so we send in no other; a publisher may keep to single NAL
 * units (mode 0). */
static int h264_rank(const struct sdp_payload *p, enum sdp_side side) {
    enum { BASELINE = 0x42, MAIN = 0x4d, HIGH = 0x64, CONSTRAINT_SET1 = 0x40 };
    unsigned profile = p->profile_level_id >> 16, constraints = p->profile_level_id >> 8 & 0xff;
    int rank = profile == BASELINE || !p->profile_level_id ? (constraints & CONSTRAINT_SET1 ? 4 : 3)
               : profile == MAIN                           ? 2
               : profile == HIGH                           ? 1
                                                           : 0;
    if (p->packetization_mode == 1)
        return rank ? rank + 4 : 0;
    return side == SDP_PUBLISH && p->packetization_mode == 0 ? rank : 0;
}

static const struct sdp_payload *best(const struct sdp_media *m, enum sdp_codec codec, enum sdp_side side) {
    const struct sdp_payload *found = NULL;
    int found_rank = 0;
    for (unsigned i = 0; i < m->payload_count; i++) {
        const struct sdp_payload *p = &m->payload[i];
        /* VP9 and AV1: profile 0 is what every encoder makes and every decoder reads. */
        int rank = p->codec != codec ? 0 : codec == SDP_H264 ? h264_rank(p, side) : !p->profile;
        if (rank > found_rank) {
            found = p;
            found_rank = rank;
        }
    }
    return found;
}

static const struct sdp_payload *payload(const struct sdp_media *m, uint8_t pt) {
    for (unsigned i = 0; i < m->payload_count; i++)
        if (m->payload[i].pt == pt)
            return &m->payload[i];
    return NULL;
}

static uint8_t red_of(const struct sdp_media *m, uint8_t opus) {
    for (unsigned i = 0; i < m->payload_count; i++)
        if (m->payload[i].codec == SDP_RED && m->payload[i].apt == opus)
            return m->payload[i].pt;
    return 0;
}

/* How a receiver of ours is to tell what its line carries: about every packet, or, when it cannot, by REMB.
 */
static uint8_t feedback_of(const struct sdp_media *m, const struct sdp_local *l,
                           const struct sdp_payload *p) {
    uint8_t fb = p->fb & (SDP_FB_NACK | SDP_FB_PLI | SDP_FB_FIR | (l->twcc ? SDP_FB_TWCC : 0));
    if (l->side == SDP_VIEW && !(fb & SDP_FB_TWCC && m->ext[SDP_EXT_TWCC]))
        fb = (uint8_t)((fb & ~SDP_FB_TWCC) | (p->fb & SDP_FB_REMB));
    return fb;
}

/* VP9 and AV1 cost old machines too much: a room has to ask for them. */
static bool wanted(const struct sdp_media *m, const struct sdp_local *l, enum sdp_codec codec) {
    if ((codec == SDP_OPUS) != (m->kind == SDP_AUDIO))
        return false;
    return codec < SDP_VP9 || codec == l->prefer;
}

static void choose_codecs(const struct sdp_media *m, const struct sdp_local *l, struct sdp_line *line) {
    for (int codec = 0; codec < SDP_CODEC_COUNT; codec++) {
        const struct sdp_payload *p =
            wanted(m, l, (enum sdp_codec)codec) ? best(m, (enum sdp_codec)codec, l->side) : NULL;
        struct sdp_codec_choice *c = &line->codec[codec];
        *c = (struct sdp_codec_choice){.rtx = SDP_PT_NONE};
        if (!p)
            continue;
        *c = (struct sdp_codec_choice){
            .pt = p->pt, .rtx = SDP_PT_NONE, .fb = feedback_of(m, l, p), .on = true};
        for (unsigned i = 0; i < m->payload_count && c->rtx == SDP_PT_NONE; i++)
            if (m->payload[i].codec == SDP_RTX && m->payload[i].apt == p->pt && p->fb & SDP_FB_NACK)
                c->rtx = m->payload[i].pt;
        c->red = codec == SDP_OPUS ? red_of(m, p->pt) : 0;
    }
}

static bool has_codec(const struct sdp_line *line) {
    for (int i = 0; i < SDP_CODEC_COUNT; i++)
        if (line->codec[i].on)
            return true;
    return false;
}

/* ---- what becomes of a line ---- */

static enum sdp_refusal judge(const struct sdp_offer *o, const struct sdp_media *m,
                              const struct sdp_line *line, const struct sdp_media *transport) {
    if (m->kind != SDP_AUDIO && m->kind != SDP_VIDEO)
        return SDP_REFUSED_KIND;
    if (!m->port && !m->bundle_only)
        return SDP_REFUSED_CLOSED;
    if (!m->savpf)
        return SDP_REFUSED_PROTO;
    /* One transport a peer: RFC 8843 puts every line on it; without BUNDLE only the first can have it. */
    if (o->has_bundle ? !m->bundled : m != transport)
        return SDP_REFUSED_BUNDLE;
    return has_codec(line) ? SDP_ACCEPTED : SDP_REFUSED_CODEC;
}

static enum sdp_dir answer_dir(const struct sdp_local *l, unsigned index, enum sdp_dir offered) {
    enum sdp_dir theirs = l->side == SDP_PUBLISH ? SDP_SENDONLY : SDP_RECVONLY;
    if (l->inactive[index] || (offered != SDP_SENDRECV && offered != theirs))
        return SDP_INACTIVE;
    return l->side == SDP_PUBLISH ? SDP_RECVONLY : SDP_SENDONLY;
}

static void agree_exts(const struct sdp_media *m, const struct sdp_local *l, struct sdp_line *line) {
    bool wanted[SDP_EXT_COUNT] = {
        [SDP_EXT_MID] = true,
        [SDP_EXT_LEVEL] = m->kind == SDP_AUDIO,
        [SDP_EXT_ABS_TIME] = true,
        [SDP_EXT_TWCC] = l->twcc,
        [SDP_EXT_RID] = line->rid_count,
        [SDP_EXT_RRID] = line->rid_count,
        [SDP_EXT_DD] = line->codec[SDP_AV1].on,
    };
    for (int i = 0; i < SDP_EXT_COUNT; i++)
        line->ext[i] = wanted[i] ? m->ext[i] : 0;
}

/* RFC 8851 4, "pt=1,2": the layer comes in these only. False: in none of those chosen. */
static bool rid_fits(const struct sdp_rid *rid, const struct sdp_line *line) {
    struct str limits = rid->limits, limit, key, pt;
    uint64_t n;
    while (str_until(&limits, ';', &limit)) {
        limit = str_trim(limit);
        if (!str_until(&limit, '=', &key) || !str_is(key, "pt"))
            continue;
        bool fits = false;
        while (str_until(&limit, ',', &pt))
            for (int i = 0; i < SDP_CODEC_COUNT && !str_u64(str_trim(pt), 127, &n); i++)
                fits |= line->codec[i].on && line->codec[i].pt == n;
        return fits;
    }
    return true;
}

/* Layers are told apart by mid and rid (RFC 8853 5.5): without those extensions, and when there are fewer
 * than two, the line has one stream without a name. */
static void agree_rids(const struct sdp_media *m, const struct sdp_local *l, struct sdp_line *line) {
    line->rid_count = 0;
    if (l->side != SDP_PUBLISH || line->dir != SDP_RECVONLY || line->kind != SDP_VIDEO ||
        !m->ext[SDP_EXT_MID] || !m->ext[SDP_EXT_RID])
        return;
    for (unsigned i = 0; i < m->rid_count; i++)
        if (rid_fits(&m->rid[i], line))
            memcpy(line->rid[line->rid_count++].id, m->rid[i].id, sizeof m->rid[i].id);
    if (line->rid_count < 2)
        line->rid_count = 0;
}

struct cursor {
    unsigned audio, video; /* slots given out */
};

static void give_slot(const struct sdp_local *l, struct sdp_line *line, struct cursor *at) {
    unsigned *used = line->kind == SDP_AUDIO ? &at->audio : &at->video;
    unsigned have = line->kind == SDP_AUDIO ? l->audio_count : l->video_count;
    line->slot = -1;
    if (l->side != SDP_VIEW || line->dir != SDP_SENDONLY)
        return;
    if (*used < have)
        line->slot = (int)(*used)++;
    else
        line->dir = SDP_INACTIVE;
}

static void settle_line(const struct sdp_offer *o, unsigned index, const struct sdp_local *l,
                        const struct sdp_media *transport, struct sdp_line *line) {
    const struct sdp_media *m = &o->media[index];
    *line = (struct sdp_line){.index = index, .kind = m->kind, .slot = -1, .dir = SDP_INACTIVE};
    STR_COPY(line->mid, m->mid);
    choose_codecs(m, l, line);
    line->refusal = judge(o, m, line, transport);
    if (line->refusal != SDP_ACCEPTED)
        return;
    line->dir = answer_dir(l, index, m->dir);
    agree_rids(m, l, line);
    agree_exts(m, l, line);
    if (l->side == SDP_PUBLISH) {
        line->ssrc_count = m->ssrc_count;
        memcpy(line->ssrc, m->ssrc, sizeof line->ssrc);
    }
}

/* RFC 8843 7.2.1: the transport is that of the first line of the group that is not closed. */
static const struct sdp_media *transport_of(const struct sdp_offer *o) {
    for (unsigned i = 0; i < o->media_count; i++) {
        const struct sdp_media *m = &o->media[i];
        bool open = m->port || m->bundle_only;
        if (open && (o->has_bundle ? m->bundled : m->kind == SDP_AUDIO || m->kind == SDP_VIDEO))
            return m;
    }
    return NULL;
}

static int check_transport(const struct sdp_offer *o, const struct sdp_media *t, char *err) {
    if (o->ice_lite)
        return sdp_fail(err, ERR_UNSUPPORTED, "the offer is ICE-lite like this server: nobody would begin");
    int r = sdp_check_ice(t->ufrag, t->pwd, err);
    if (r)
        return r;
    if (!t->has_fp)
        return sdp_fail(err, ERR_INVALID, "the offer has no sha-256 DTLS fingerprint");
    return 0;
}

static int negotiate(const struct sdp_offer *o, const struct sdp_local *l, struct sdp_negotiated *n,
                     char *err) {
    const struct sdp_media *t = transport_of(o);
    struct cursor at = {0};
    if (!t)
        return sdp_fail(err, ERR_UNSUPPORTED, "the offer has no open audio or video line");
    int r = check_transport(o, t, err);
    if (r)
        return r;
    *n =
        (struct sdp_negotiated){.remote_ufrag = t->ufrag, .remote_pwd = t->pwd, .line_count = o->media_count};
    memcpy(n->remote_fp, t->fp, sizeof n->remote_fp);
    n->passive =
        t->setup != SDP_PASSIVE; /* RFC 8842 5.3: an answer to actpass chooses; a waiting server is passive */
    for (unsigned i = 0; i < o->media_count; i++) {
        struct sdp_line *line = &n->line[i];
        settle_line(o, i, l, t, line);
        if (line->refusal != SDP_ACCEPTED)
            continue;
        if (!o->media[i].rtcp_mux)
            return sdp_fail(err, ERR_INVALID, "the offer does not use rtcp-mux in m-line %u", i + 1);
        give_slot(l, line, &at);
        n->accepted++;
        n->active += line->dir != SDP_INACTIVE;
    }
    if (!n->accepted)
        return sdp_fail(err, ERR_UNSUPPORTED, "no common codec: video needs H.264 or VP8, audio needs Opus");
    return 0;
}

/* ---- writing ---- */

static void write_credentials(struct buf *b, const struct sdp_local *l) {
    buf_printf(b, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", l->ufrag, l->pwd);
}

/* RFC 8445 5.1.2.1: type, local preference, 256 - component. RFC 6544 4.2: "UDP-based candidates are
 * preferred": the lower type preference is libwebrtc's for TCP hosts; a passive one has the direction
 * preference 4. */
static unsigned candidate_priority(bool tcp, unsigned i) {
    enum { UDP_HOST = 126, TCP_HOST = 90, LOCAL = 65535, PASSIVE = 4 << 13, OTHER = 8191, COMPONENT = 255 };
    unsigned local = tcp ? PASSIVE + OTHER - i : LOCAL - i;
    return (unsigned)(tcp ? TCP_HOST : UDP_HOST) << 24 | local << 8 | COMPONENT;
}

static void write_candidates(struct buf *b, const struct sdp_local *l) {
    unsigned n = l->addr_count < SDP_ADDRS_MAX ? l->addr_count : SDP_ADDRS_MAX;
    for (unsigned i = 0; i < n * (l->tcp ? 2 : 1); i++) {
        char ip[ADDR_TEXT_MAX];
        bool tcp = i >= n;
        const struct addr *a = &l->addrs[i % n];
        addr_print_ip(a, ip);
        buf_printf(b, "a=candidate:%u 1 %s %u %s %u typ host%s\r\n", i + 1, tcp ? "tcp" : "udp",
                   candidate_priority(tcp, i % n), ip, a->port, tcp ? " tcptype passive" : "");
    }
    buf_z(b, "a=end-of-candidates\r\n");
}

static void write_head(struct buf *b, const struct sdp_offer *o, const struct sdp_local *l,
                       const struct sdp_negotiated *n) {
    buf_printf(b, "v=0\r\no=- %llu %u IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
               (unsigned long long)l->session_id, l->version);
    if (o->has_bundle) {
        buf_z(b, "a=group:BUNDLE");
        for (unsigned i = 0; i < n->line_count; i++)
            if (n->line[i].refusal == SDP_ACCEPTED)
                buf_printf(b, " %s", n->line[i].mid);
        buf_z(b, "\r\n");
    }
    buf_z(b, "a=ice-lite\r\na=ice-options:trickle ice2\r\n");
    if (o->mixed_exts)
        buf_z(b, "a=extmap-allow-mixed\r\n");
}

static void write_feedback(struct buf *b, uint8_t pt, uint8_t fb) {
    static const struct {
        uint8_t bit;
        const char *text;
    } TABLE[] = {{SDP_FB_REMB, "goog-remb"},
                 {SDP_FB_TWCC, "transport-cc"},
                 {SDP_FB_FIR, "ccm fir"},
                 {SDP_FB_NACK, "nack"},
                 {SDP_FB_PLI, "nack pli"}};
    for (size_t i = 0; i < countof(TABLE); i++)
        if (fb & TABLE[i].bit)
            buf_printf(b, "a=rtcp-fb:%u %s\r\n", pt, TABLE[i].text);
}

static void write_codec(struct buf *b, const struct sdp_media *m, const struct sdp_codec_choice *c,
                        int codec) {
    const struct sdp_payload *p = payload(m, c->pt);
    if (codec == SDP_OPUS) {
        buf_printf(b, "a=rtpmap:%u opus/48000/2\r\na=fmtp:%u minptime=10;useinbandfec=1%s\r\n", c->pt, c->pt,
                   p->stereo ? ";stereo=1;sprop-stereo=1" : "");
        if (c->red)
            buf_printf(b, "a=rtpmap:%u red/48000/2\r\na=fmtp:%u %u/%u\r\n", c->red, c->red, c->pt, c->pt);
    } else if (codec == SDP_VP8) {
        buf_printf(b, "a=rtpmap:%u VP8/90000\r\n", c->pt);
    } else if (codec == SDP_VP9) {
        buf_printf(b, "a=rtpmap:%u VP9/90000\r\na=fmtp:%u profile-id=0\r\n", c->pt, c->pt);
    } else if (codec == SDP_AV1) {
        buf_printf(b, "a=rtpmap:%u AV1/90000\r\n", c->pt);
    } else {
        /* RFC 6184 8.2.2: the profile and mode are the offer's, or the payload type would not be accepted
         * back. */
        buf_printf(b,
                   "a=rtpmap:%u H264/90000\r\na=fmtp:%u level-asymmetry-allowed=1;packetization-mode=%u;"
                   "profile-level-id=%06x\r\n",
                   c->pt, c->pt, p->packetization_mode,
                   p->profile_level_id ? p->profile_level_id : 0x42e01fu);
    }
    write_feedback(b, c->pt, c->fb);
    if (c->rtx != SDP_PT_NONE)
        buf_printf(b, "a=rtpmap:%u rtx/90000\r\na=fmtp:%u apt=%u\r\n", c->rtx, c->rtx, c->pt);
}

/* The order in an answer is our preference: what a publisher sends, it takes from the top. Sizes of VP9 and
 * AV1 are layers of one stream; who offers streams instead sends them in what every room speaks. */
static const uint8_t *codec_order(const struct sdp_local *l, const struct sdp_line *line) {
    static const uint8_t FIRST[SDP_CODEC_COUNT][SDP_CODEC_COUNT] = {
        [SDP_H264] = {SDP_OPUS, SDP_H264, SDP_VP8, SDP_VP9, SDP_AV1},
        [SDP_VP8] = {SDP_OPUS, SDP_VP8, SDP_H264, SDP_VP9, SDP_AV1},
        [SDP_VP9] = {SDP_OPUS, SDP_VP9, SDP_H264, SDP_VP8, SDP_AV1},
        [SDP_AV1] = {SDP_OPUS, SDP_AV1, SDP_H264, SDP_VP8, SDP_VP9},
    };
    bool layered = l->prefer >= SDP_VP9 && line->rid_count <= 1;
    return FIRST[l->prefer < SDP_CODEC_COUNT && (l->prefer == SDP_VP8 || layered) ? l->prefer : SDP_H264];
}

/* Redundancy stands first: a publisher who can sends every sound twice, 40 kbit/s that make one loss in
 * twenty unheard for the whole room and the recording. What a viewer is sent is our choice, packet by packet.
 */
static void write_formats(struct buf *b, const struct sdp_line *line, const uint8_t *order) {
    for (int i = 0; i < SDP_CODEC_COUNT; i++) {
        const struct sdp_codec_choice *c = &line->codec[order[i]];
        if (c->on && c->red)
            buf_printf(b, " %u", c->red);
        if (c->on)
            buf_printf(b, " %u", c->pt);
        if (c->on && c->rtx != SDP_PT_NONE)
            buf_printf(b, " %u", c->rtx);
    }
}

/* RFC 8851 6.3 and RFC 8853 5.3.2: what is sent there is received here, under the same limits. */
static void write_rids(struct buf *b, const struct sdp_media *m, const struct sdp_line *line) {
    for (unsigned i = 0; i < line->rid_count; i++)
        for (unsigned k = 0; k < m->rid_count; k++)
            if (!strcmp(m->rid[k].id, line->rid[i].id))
                buf_printf(b, "a=rid:%s recv%s" STR_FMT "\r\n", line->rid[i].id,
                           m->rid[k].limits.n ? " " : "", STR_ARG(m->rid[k].limits));
    for (unsigned i = 0; i < line->rid_count; i++)
        buf_printf(b, "%s%s", i ? ";" : "a=simulcast:recv ", line->rid[i].id);
    if (line->rid_count)
        buf_z(b, "\r\n");
}

/* What we will send on the slot, told beforehand, so that it can be told apart even without the mid
 * extension. */
static void write_sources(struct buf *b, const struct sdp_local *l, const struct sdp_line *line) {
    if (line->slot < 0)
        return;
    const struct sdp_ssrc *s = &(line->kind == SDP_AUDIO ? l->audio : l->video)[line->slot];
    char name = line->kind == SDP_AUDIO ? 'a' : 'v';
    /* Audio and video slot of one number are one stream: receivers keep such a pair in step (lip sync), and a
     * plain WHEP player finds sound and picture together. */
    buf_printf(b, "a=msid:slot-%d %c%d\r\n", line->slot, name, line->slot);
    if (s->rtx)
        buf_printf(b, "a=ssrc-group:FID %u %u\r\n", s->ssrc, s->rtx);
    buf_printf(b, "a=ssrc:%u cname:%s\r\n", s->ssrc, l->cname);
    if (s->rtx)
        buf_printf(b, "a=ssrc:%u cname:%s\r\n", s->rtx, l->cname);
}

static void write_refused(struct buf *b, const struct sdp_media *m) {
    /* RFC 3264 6: port 0, and at least one format of the offer's */
    buf_printf(b, "m=" STR_FMT " 0 " STR_FMT " " STR_FMT "\r\nc=IN IP4 0.0.0.0\r\n", STR_ARG(m->name),
               STR_ARG(m->proto), STR_ARG(m->formats.n ? m->formats : STR("0")));
    if (m->mid.n)
        buf_printf(b, "a=mid:" STR_FMT "\r\n", STR_ARG(m->mid));
    buf_z(b, "a=inactive\r\n");
}

static void write_line(struct buf *b, const struct sdp_media *m, const struct sdp_local *l,
                       const struct sdp_negotiated *n, const struct sdp_line *line) {
    static const char *const DIR[] = {"sendrecv", "sendonly", "recvonly", "inactive"};
    const uint8_t *order = codec_order(l, line);
    buf_printf(b, "m=" STR_FMT " 9 " STR_FMT, STR_ARG(m->name), STR_ARG(m->proto));
    write_formats(b, line, order);
    buf_z(b, "\r\nc=IN IP4 0.0.0.0\r\n");
    if (line->mid[0])
        buf_printf(b, "a=mid:%s\r\n", line->mid);
    write_credentials(b, l);
    buf_printf(b, "a=fingerprint:sha-256 %s\r\na=setup:%s\r\n", l->fingerprint,
               n->passive ? "passive" : "active");
    buf_printf(b, "a=%s\r\na=rtcp-mux\r\n%s", DIR[line->dir], m->rtcp_rsize ? "a=rtcp-rsize\r\n" : "");
    for (int i = 0; i < SDP_EXT_COUNT; i++)
        if (line->ext[i])
            buf_printf(b, "a=extmap:%u %s\r\n", line->ext[i], SDP_EXT_URI[i]);
    for (int i = 0; i < SDP_CODEC_COUNT; i++)
        if (line->codec[order[i]].on)
            write_codec(b, m, &line->codec[order[i]], order[i]);
    write_sources(b, l, line);
    write_rids(b, m, line);
}

int sdp_answer(struct buf *out, const struct sdp_offer *o, const struct sdp_local *l,
               struct sdp_negotiated *n, char err[SDP_ERR_MAX]) {
    bool told = false;
    err[0] = 0;
    int r = negotiate(o, l, n, err);
    if (r)
        return r;
    write_head(out, o, l, n);
    for (unsigned i = 0; i < n->line_count; i++) {
        const struct sdp_line *line = &n->line[i];
        if (line->refusal != SDP_ACCEPTED) {
            write_refused(out, &o->media[i]);
            continue;
        }
        write_line(out, &o->media[i], l, n, line);
        if (!told) /* RFC 8843 7.3.1: candidates belong to the first line of the group */
            write_candidates(out, l);
        told = true;
    }
    return out->over ? sdp_fail(err, ERR_TOO_LARGE, "the answer would be too large") : 0;
}

int sdp_write_fragment(struct buf *out, const struct sdp_local *l, struct str mid) {
    buf_z(out, "a=ice-lite\r\na=ice-options:trickle ice2\r\n");
    if (mid.n) {
        /* RFC 8840 9: the m-line only carries the mid; its other fields mean nothing. */
        buf_printf(out, "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:" STR_FMT "\r\n", STR_ARG(mid));
    }
    write_credentials(out, l);
    write_candidates(out, l);
    return out->over ? -ERR_TOO_LARGE : 0;
}
