#include "media/sdp_attr.h"

#include <stdarg.h>
#include <stdio.h>

#include "media/base/err.h"

const char *const SDP_EXT_URI[SDP_EXT_COUNT] = {
    [SDP_EXT_MID] = "urn:ietf:params:rtp-hdrext:sdes:mid",
    [SDP_EXT_RID] = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    [SDP_EXT_RRID] = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    [SDP_EXT_LEVEL] = "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    [SDP_EXT_ABS_TIME] = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    [SDP_EXT_TWCC] = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    [SDP_EXT_DD] = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
};

enum { EXT_ID_MAX = 14 }; /* RFC 8285 4.2: one-byte headers carry ids 1..14 */

int sdp_fail(char *err, int code, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(err, SDP_ERR_MAX, fmt, ap);
    va_end(ap);
    return -code;
}

/* ---- words ---- */

static bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool all_of(struct str s, const char *also) {
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && !strchr(also, s.p[i]))
            return false;
    return true;
}

static int hex(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool word_u64(struct str *s, uint64_t max, uint64_t *out) {
    struct str w;
    return str_word(s, &w) && !str_u64(w, max, out);
}

static struct sdp_payload *payload_of(struct sdp_media *m, uint64_t pt) {
    for (unsigned i = 0; m && i < m->payload_count; i++)
        if (m->payload[i].pt == pt)
            return &m->payload[i];
    return NULL;
}

/* Reads the payload type a rtpmap, fmtp or rtcp-fb begins with. NULL: not in the m-line, which RFC 8866 6.6
 * lets be. */
static struct sdp_payload *take_payload(struct sdp_reader *r, struct str *v) {
    uint64_t pt;
    return word_u64(v, 127, &pt) ? payload_of(r->media, pt) : NULL;
}

/* ---- one function a line ---- */

static struct sdp_media *scope(struct sdp_reader *r) { return r->media ? r->media : &r->session; }

static int on_ufrag(struct sdp_reader *r, struct str v) {
    scope(r)->ufrag = v;
    return 0;
}

static int on_pwd(struct sdp_reader *r, struct str v) {
    scope(r)->pwd = v;
    return 0;
}

static int on_ice_lite(struct sdp_reader *r, struct str v) {
    (void)v;
    r->offer->ice_lite = true;
    return 0;
}

static int on_mixed(struct sdp_reader *r, struct str v) {
    (void)v;
    r->offer->mixed_exts = true;
    return 0;
}

static int on_ice_options(struct sdp_reader *r, struct str v) {
    struct str w;
    while (str_word(&v, &w)) {
        r->offer->trickle |= str_is(w, "trickle");
        r->offer->ice2 |= str_is(w, "ice2");
    }
    return 0;
}

static int on_fingerprint(struct sdp_reader *r, struct str v) {
    struct str algorithm, digits;
    uint8_t fp[SDP_FP_BYTES];
    if (!str_word(&v, &algorithm) || !str_word(&v, &digits))
        return sdp_fail(r->err, ERR_INVALID, "the fingerprint line is malformed");
    if (!str_ieq(algorithm, STR("sha-256")))
        return 0; /* RFC 8122 5: several may be given; every browser gives SHA-256 */
    if (digits.n != SDP_FP_BYTES * 3 - 1)
        return sdp_fail(r->err, ERR_INVALID, "the sha-256 fingerprint has a wrong length");
    for (size_t i = 0; i < SDP_FP_BYTES; i++) {
        int hi = hex(digits.p[3 * i]), lo = hex(digits.p[3 * i + 1]);
        if (hi < 0 || lo < 0 || (i + 1 < SDP_FP_BYTES && digits.p[3 * i + 2] != ':'))
            return sdp_fail(r->err, ERR_INVALID, "the sha-256 fingerprint is not hexadecimal");
        fp[i] = (uint8_t)(hi << 4 | lo);
    }
    memcpy(scope(r)->fp, fp, sizeof fp);
    scope(r)->has_fp = true;
    return 0;
}

static int on_setup(struct sdp_reader *r, struct str v) {
    enum sdp_setup s;
    if (str_is(v, "actpass"))
        s = SDP_ACTPASS;
    else if (str_is(v, "active"))
        s = SDP_ACTIVE;
    else if (str_is(v, "passive"))
        s = SDP_PASSIVE;
    else
        return sdp_fail(r->err, ERR_INVALID, "a=setup must be actpass, active or passive");
    scope(r)->setup = s;
    *(r->media ? &r->has_setup : &r->session_has_setup) = true;
    return 0;
}

static int on_group(struct sdp_reader *r, struct str v) {
    struct str kind;
    if (!r->media && !r->offer->has_bundle && str_word(&v, &kind) && str_is(kind, "BUNDLE")) {
        r->offer->has_bundle = true;
        r->bundle = v;
    }
    return 0;
}

/* RFC 5888 4: identification-tag = token; 16 bytes are what a one-byte header extension carries (RFC
 * 8285 4.2) */
bool sdp_is_mid(struct str s) { return s.n && s.n <= SDP_MID_MAX && all_of(s, "!#$%&'*+-.^_`{|}~"); }

static int on_mid(struct sdp_reader *r, struct str v) {
    if (!sdp_is_mid(v))
        return sdp_fail(r->err, ERR_INVALID, "a=mid must be 1 to %d token characters", SDP_MID_MAX);
    if (r->media)
        r->media->mid = v;
    return 0;
}

/* RFC 8851 10: rid-id = 1*(alpha-numeric / "-" / "_") */
static bool is_rid(struct str s) { return s.n && s.n <= SDP_RID_MAX && all_of(s, "-_"); }

static struct sdp_rid *rid_of(struct sdp_media *m, struct str id) {
    for (unsigned i = 0; i < m->rid_count; i++)
        if (str_is(id, m->rid[i].id))
            return &m->rid[i];
    return NULL;
}

static struct sdp_rid *rid_place(struct sdp_media *m, struct str id) {
    struct sdp_rid *found = rid_of(m, id);
    if (found || !is_rid(id) || m->rid_count == SDP_RIDS_MAX)
        return found;
    found = &m->rid[m->rid_count++];
    *found = (struct sdp_rid){0};
    STR_COPY(found->id, id);
    return found;
}

/* "q send", "h send pt=96,97;max-width=640" */
static int on_rid(struct sdp_reader *r, struct str v) {
    struct str id, way;
    if (!r->media || !str_word(&v, &id) || !str_word(&v, &way) || !str_is(way, "send"))
        return 0;
    struct sdp_rid *rid = rid_place(r->media, id);
    if (rid) {
        rid->send = true;
        rid->limits = str_trim(v);
    }
    return 0;
}

static int on_simulcast(struct sdp_reader *r, struct str v) {
    if (r->media)
        r->media->simulcast = v;
    return 0;
}

/* RFC 8853 5.1: "send a,b;~c recv d": streams, of each the alternatives (we take the first), "~" paused at
 * first. Leaves the rids that were both listed and said, in the order of the list. */
void sdp_read_simulcast(struct sdp_media *m) {
    struct str rest = m->simulcast, word, list, first;
    struct sdp_rid kept[SDP_RIDS_MAX];
    unsigned n = 0;
    while (str_word(&rest, &word) && !str_is(word, "send"))
        ;
    if (!str_word(&rest, &list))
        list = (struct str){"", 0};
    while (n < SDP_RIDS_MAX && str_until(&list, ';', &word)) {
        if (!str_until(&word, ',', &first) || !first.n)
            continue;
        if (first.p[0] == '~')
            first = (struct str){first.p + 1, first.n - 1};
        const struct sdp_rid *rid = rid_of(m, first);
        bool again = false;
        for (unsigned i = 0; i < n; i++)
            again |= str_is(first, kept[i].id);
        if (rid && rid->send && !again)
            kept[n++] = *rid;
    }
    memcpy(m->rid, kept, n * sizeof kept[0]);
    m->rid_count = n;
}
static int on_msid(struct sdp_reader *r, struct str v) {
    scope(r)->msid = v;
    return 0;
}
static int on_candidate(struct sdp_reader *r, struct str v) {
    (void)v; /* a lite agent learns addresses from checks, never from candidates */
    r->offer->candidate_count++;
    return 0;
}

static int on_rtpmap(struct sdp_reader *r, struct str v) {
    struct sdp_payload *p = take_payload(r, &v);
    struct str spec, name, part;
    uint64_t clock, channels = 1;
    if (!p)
        return 0;
    if (!str_word(&v, &spec) || !str_until(&spec, '/', &name) || !str_until(&spec, '/', &part) ||
        str_u64(part, 1000000, &clock) || (spec.n && str_u64(spec, 255, &channels)))
        return sdp_fail(r->err, ERR_INVALID, "the rtpmap of payload type %u is malformed", p->pt);
    p->clock = (uint32_t)clock;
    p->channels = (uint8_t)channels;
    p->codec = SDP_UNKNOWN;
    if (str_ieq(name, STR("opus")) && clock == 48000 && channels == 2) /* RFC 7587 7: always "opus/48000/2" */
        p->codec = SDP_OPUS;
    else if (str_ieq(name, STR("H264")) && clock == 90000)
        p->codec = SDP_H264;
    else if (str_ieq(name, STR("VP8")) && clock == 90000)
        p->codec = SDP_VP8;
    else if (str_ieq(name, STR("VP9")) && clock == 90000)
        p->codec = SDP_VP9;
    else if (str_ieq(name, STR("AV1")) && clock == 90000)
        p->codec = SDP_AV1;
    else if (str_ieq(name, STR("rtx")))
        p->codec = SDP_RTX;
    else if (str_ieq(name, STR("red")) && clock == 48000 && channels == 2) /* of Opus, not the one of video */
        p->codec = SDP_RED;
    return 0;
}

static void set_param(struct sdp_payload *p, struct str key, struct str value) {
    uint64_t u = 0;
    bool number = !str_u64(value, UINT32_MAX, &u);
    if (str_ieq(key, STR("apt")) && number && u <= 127)
        p->apt = (uint8_t)u;
    else if (str_ieq(key, STR("packetization-mode")) && number && u <= 2)
        p->packetization_mode = (uint8_t)u;
    else if ((str_ieq(key, STR("profile-id")) || str_ieq(key, STR("profile"))) && number && u <= UINT8_MAX)
        p->profile = (uint8_t)u; /* RFC 9628 6, av1-rtp-spec 7.2 */
    else if (str_ieq(key, STR("level-asymmetry-allowed")))
        p->level_asymmetry = number && u == 1;
    else if (str_ieq(key, STR("useinbandfec")))
        p->inband_fec = number && u == 1;
    else if (str_ieq(key, STR("stereo")))
        p->stereo = number && u == 1;
    else if (str_ieq(key, STR("profile-level-id")) && value.n == 6) {
        uint32_t id = 0;
        for (size_t i = 0; i < 6; i++) {
            int h = hex(value.p[i]);
            if (h < 0)
                return;
            id = id << 4 | (uint32_t)h;
        }
        p->profile_level_id = id;
    }
}

/* RFC 2198 5: "a=fmtp:121 0/5", the encodings within. One that repeats the same codec is of use. */
static void set_red(struct sdp_payload *p, struct str v) {
    struct str part;
    uint64_t pt, first = SDP_PT_NONE;
    while (str_until(&v, '/', &part)) {
        if (str_u64(str_trim(part), 127, &pt) || (first != SDP_PT_NONE && pt != first))
            return;
        first = pt;
    }
    p->apt = (uint8_t)first;
}

static int on_fmtp(struct sdp_reader *r, struct str v) {
    struct sdp_payload *p = take_payload(r, &v);
    struct str param, key;
    if (p && p->codec == SDP_RED) {
        set_red(p, v);
        return 0;
    }
    while (p && str_until(&v, ';', &param)) {
        param = str_trim(param);
        if (str_until(&param, '=', &key))
            set_param(p, str_trim(key), str_trim(param));
    }
    return 0;
}

static uint8_t feedback_bit(struct str v) {
    static const struct {
        const char *text;
        uint8_t bit;
    } TABLE[] = {{"nack", SDP_FB_NACK},
                 {"nack pli", SDP_FB_PLI},
                 {"ccm fir", SDP_FB_FIR},
                 {"goog-remb", SDP_FB_REMB},
                 {"transport-cc", SDP_FB_TWCC}};
    for (size_t i = 0; i < countof(TABLE); i++)
        if (str_is(v, TABLE[i].text))
            return TABLE[i].bit;
    return 0;
}

static int on_rtcp_fb(struct sdp_reader *r, struct str v) {
    struct str which;
    uint64_t pt;
    if (!r->media || !str_word(&v, &which))
        return 0;
    uint8_t bit = feedback_bit(str_trim(v));
    if (str_is(which, "*")) { /* RFC 4585 4.2: all payload types of the line */
        for (unsigned i = 0; i < r->media->payload_count; i++)
            r->media->payload[i].fb |= bit;
        return 0;
    }
    struct sdp_payload *p = str_u64(which, 127, &pt) ? NULL : payload_of(r->media, pt);
    if (p)
        p->fb |= bit;
    return 0;
}

static int on_extmap(struct sdp_reader *r, struct str v) {
    struct str id_text, uri, number;
    uint64_t id;
    if (!str_word(&v, &id_text) || !str_word(&v, &uri) || !str_until(&id_text, '/', &number) ||
        str_u64(number, 4351, &id)) /* RFC 8285 5: 1..255, and 4096..4351 for offers with spares */
        return sdp_fail(r->err, ERR_INVALID, "an extmap line is malformed");
    for (int i = 0; id >= 1 && id <= EXT_ID_MAX && i < SDP_EXT_COUNT; i++)
        if (str_is(uri, SDP_EXT_URI[i]))
            scope(r)->ext[i] = (uint8_t)id;
    return 0;
}

static struct sdp_ssrc *ssrc_place(struct sdp_media *m, uint32_t ssrc) {
    for (unsigned i = 0; i < m->ssrc_count; i++)
        if (m->ssrc[i].ssrc == ssrc)
            return &m->ssrc[i];
    if (m->ssrc_count == SDP_SSRCS_MAX)
        return NULL; /* more than any browser sends on one line: the rest is learned from the mid */
    m->ssrc[m->ssrc_count] = (struct sdp_ssrc){.ssrc = ssrc};
    return &m->ssrc[m->ssrc_count++];
}

static int on_ssrc(struct sdp_reader *r, struct str v) {
    uint64_t ssrc;
    if (r->media && word_u64(&v, UINT32_MAX, &ssrc) && ssrc)
        ssrc_place(r->media, (uint32_t)ssrc);
    return 0;
}

static int on_ssrc_group(struct sdp_reader *r, struct str v) {
    struct str kind;
    uint64_t a, b;
    /* RFC 5576 4.2: FID ties a stream to its retransmissions */
    if (!r->media || !str_word(&v, &kind) || !str_is(kind, "FID") || !word_u64(&v, UINT32_MAX, &a) ||
        !word_u64(&v, UINT32_MAX, &b) || !a || !b || a == b)
        return 0;
    struct sdp_ssrc *s = ssrc_place(r->media, (uint32_t)a);
    if (s)
        s->rtx = (uint32_t)b;
    return 0;
}

/* Lines that are said or not said. */
static bool take_property(struct sdp_media *m, struct str name) {
    static const char *const DIRS[] = {"sendrecv", "sendonly", "recvonly", "inactive"}; /* as enum sdp_dir */
    const struct {
        const char *name;
        bool *flag;
    } FLAGS[] = {{"rtcp-mux", &m->rtcp_mux},
                 {"rtcp-mux-only", &m->rtcp_mux},
                 {"rtcp-rsize", &m->rtcp_rsize},
                 {"bundle-only", &m->bundle_only}};
    for (size_t i = 0; i < countof(DIRS); i++)
        if (str_is(name, DIRS[i])) {
            m->dir = (enum sdp_dir)i;
            return true;
        }
    for (size_t i = 0; i < countof(FLAGS); i++)
        if (str_is(name, FLAGS[i].name)) {
            *FLAGS[i].flag = true;
            return true;
        }
    return false;
}

int sdp_attr_read(struct sdp_reader *r, struct str line) {
    static const struct {
        const char *name;
        int (*read)(struct sdp_reader *, struct str value);
    } TABLE[] = {
        {"rtpmap", on_rtpmap},
        {"fmtp", on_fmtp},
        {"rtcp-fb", on_rtcp_fb},
        {"extmap", on_extmap},
        {"ssrc", on_ssrc},
        {"ssrc-group", on_ssrc_group},
        {"candidate", on_candidate},
        {"mid", on_mid},
        {"msid", on_msid},
        {"ice-ufrag", on_ufrag},
        {"ice-pwd", on_pwd},
        {"ice-options", on_ice_options},
        {"ice-lite", on_ice_lite},
        {"setup", on_setup},
        {"fingerprint", on_fingerprint},
        {"group", on_group},
        {"rid", on_rid},
        {"simulcast", on_simulcast},
        {"extmap-allow-mixed", on_mixed},
    };
    struct str name;
    if (!str_until(&line, ':', &name) || take_property(scope(r), name))
        return 0;
    for (size_t i = 0; i < countof(TABLE); i++)
        if (str_is(name, TABLE[i].name))
            return TABLE[i].read(r, line);
    return 0;
}

int sdp_check_ice(struct str ufrag, struct str pwd, char *err) {
    enum { UFRAG_MIN = 4, PWD_MIN = 22, ICE_TEXT_MAX = 256 };
    if (!ufrag.n || !pwd.n)
        return sdp_fail(err, ERR_INVALID, "the offer has no ICE credentials");
    if (ufrag.n < UFRAG_MIN || ufrag.n > ICE_TEXT_MAX ||
        !all_of(ufrag, "+/-_=")) /* "-_=": sent by some senders */
        return sdp_fail(err, ERR_INVALID, "ice-ufrag must be 4 to 256 ICE characters");
    if (pwd.n < PWD_MIN || pwd.n > ICE_TEXT_MAX || !all_of(pwd, "+/-_="))
        return sdp_fail(err, ERR_INVALID, "ice-pwd must be 22 to 256 ICE characters");
    return 0;
}
