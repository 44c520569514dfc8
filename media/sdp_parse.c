#include "media/base/err.h"
#include "media/sdp_attr.h"

static enum sdp_kind kind_of(struct str s) {
    return str_is(s, "audio")         ? SDP_AUDIO
           : str_is(s, "video")       ? SDP_VIDEO
           : str_is(s, "application") ? SDP_APPLICATION
                                      : SDP_OTHER;
}

static bool is_savpf(struct str proto) {
    /* RFC 8829 5.1.2: a receiver takes all of these; UDP/TLS/RTP/SAVPF is what is generated */
    return str_is(proto, "UDP/TLS/RTP/SAVPF") || str_is(proto, "TCP/TLS/RTP/SAVPF") ||
           str_is(proto, "RTP/SAVPF") || str_is(proto, "UDP/TLS/RTP/SAVP") || str_is(proto, "RTP/SAVP");
}

static int read_formats(struct sdp_reader *r, struct sdp_media *m) {
    struct str rest = m->formats, word;
    uint64_t pt;
    while (str_word(&rest, &word)) {
        if (str_u64(word, 127, &pt))
            return sdp_fail(r->err, ERR_INVALID, "an m-line has a payload type that is not 0..127");
        if (m->payload_count == SDP_PAYLOADS_MAX)
            return sdp_fail(r->err, ERR_TOO_LARGE, "an m-line has more than %d payload types",
                            SDP_PAYLOADS_MAX);
        m->payload[m->payload_count++] =
            (struct sdp_payload){.pt = (uint8_t)pt, .codec = SDP_UNKNOWN, .apt = SDP_PT_NONE, .channels = 1};
    }
    return 0;
}

/* "audio 9 UDP/TLS/RTP/SAVPF 111 63": the text after "m=". */
static int on_media(struct sdp_reader *r, struct str v) {
    struct sdp_offer *o = r->offer;
    struct str port, count;
    uint64_t number;
    if (o->media_count == SDP_MEDIA_MAX)
        return sdp_fail(r->err, ERR_TOO_LARGE, "the offer has more than %d m-lines", SDP_MEDIA_MAX);
    struct sdp_media *m = &o->media[o->media_count];
    *m = (struct sdp_media){.dir = r->session.dir};
    if (!str_word(&v, &m->name) || !str_word(&v, &port) || !str_word(&v, &m->proto) ||
        !str_until(&port, '/', &count) || str_u64(count, 65535, &number))
        return sdp_fail(r->err, ERR_INVALID, "m-line %u is malformed", o->media_count + 1);
    m->kind = kind_of(m->name);
    m->port = (uint16_t)number;
    m->savpf = is_savpf(m->proto);
    m->formats = str_trim(v);
    memcpy(m->ext, r->session.ext, sizeof m->ext);
    o->media_count++;
    r->media = m;
    r->has_setup = false;
    return m->savpf && (m->kind == SDP_AUDIO || m->kind == SDP_VIDEO) ? read_formats(r, m) : 0;
}

/* An SSRC that repairs another is no stream of its own. */
static void drop_rtx_ssrcs(struct sdp_media *m) {
    unsigned kept = 0;
    for (unsigned i = 0; i < m->ssrc_count; i++) {
        bool repairs = false;
        for (unsigned k = 0; k < m->ssrc_count; k++)
            repairs |= m->ssrc[k].rtx == m->ssrc[i].ssrc;
        if (!repairs)
            m->ssrc[kept++] = m->ssrc[i];
    }
    m->ssrc_count = kept;
}

static void end_media(struct sdp_reader *r) {
    struct sdp_media *m = r->media;
    const struct sdp_media *s = &r->session;
    if (!m)
        return;
    m->ufrag = m->ufrag.n ? m->ufrag : s->ufrag;
    m->pwd = m->pwd.n ? m->pwd : s->pwd;
    if (!m->has_fp && s->has_fp) {
        memcpy(m->fp, s->fp, sizeof m->fp);
        m->has_fp = true;
    }
    if (!r->has_setup)
        m->setup = r->session_has_setup ? s->setup : SDP_ACTPASS;
    drop_rtx_ssrcs(m);
    sdp_read_simulcast(m);
}

/* Both are short (32 mids at most are worth looking for): the product is bounded. */
static int mark_bundle(struct sdp_reader *r) {
    struct sdp_offer *o = r->offer;
    struct str group = r->bundle, mid;
    unsigned words = 0;
    for (unsigned i = 0; i < o->media_count; i++)
        for (unsigned k = 0; k < i; k++)
            if (o->media[i].mid.n && str_eq(o->media[i].mid, o->media[k].mid))
                return sdp_fail(r->err, ERR_INVALID, "two m-lines have the same mid");
    while (words++ < SDP_MEDIA_MAX && str_word(&group, &mid))
        for (unsigned i = 0; i < o->media_count; i++)
            o->media[i].bundled |= o->media[i].mid.n && str_eq(o->media[i].mid, mid);
    return 0;
}

static int read_lines(struct sdp_reader *r, struct str text) {
    struct str line;
    for (unsigned lines = 0; str_line(&text, &line); lines++) {
        int err = 0;
        if (lines == SDP_LINES_MAX)
            return sdp_fail(r->err, ERR_TOO_LARGE, "the offer has more than %d lines", SDP_LINES_MAX);
        if (lines == 0 && !str_is(line, "v=0"))
            return sdp_fail(r->err, ERR_INVALID,
                            "this is not a session description: it does not begin with v=0");
        if (str_starts(line, STR("m="))) {
            end_media(r);
            err = on_media(r, (struct str){line.p + 2, line.n - 2});
        } else if (str_starts(line, STR("a="))) {
            err = sdp_attr_read(r, (struct str){line.p + 2, line.n - 2});
        }
        if (err)
            return err;
    }
    end_media(r);
    return 0;
}

int sdp_parse(struct sdp_offer *out, struct str text, char err[SDP_ERR_MAX]) {
    struct sdp_reader r = {.offer = out, .err = err};
    err[0] = 0;
    out->media_count = out->candidate_count = 0;
    out->has_bundle = out->ice_lite = out->trickle = out->ice2 = out->mixed_exts = false;
    if (text.n > SDP_MAX_BYTES)
        return sdp_fail(err, ERR_TOO_LARGE, "the offer is larger than %d bytes", SDP_MAX_BYTES);
    if (!str_utf8_ok(text))
        return sdp_fail(err, ERR_INVALID, "the offer is not text");
    int e = read_lines(&r, text);
    if (!e && !out->media_count)
        e = sdp_fail(err, ERR_INVALID, "the offer has no media");
    return e ? e : mark_bundle(&r);
}

int sdp_parse_fragment(struct sdp_fragment *out, struct str text, char err[SDP_ERR_MAX]) {
    struct str line;
    err[0] = 0;
    *out = (struct sdp_fragment){0};
    if (text.n > SDP_MAX_BYTES)
        return sdp_fail(err, ERR_TOO_LARGE, "the fragment is larger than %d bytes", SDP_MAX_BYTES);
    if (!str_utf8_ok(text))
        return sdp_fail(err, ERR_INVALID, "the fragment is not text");
    for (unsigned lines = 0; str_line(&text, &line); lines++) {
        struct str name, value = line;
        if (lines == SDP_LINES_MAX)
            return sdp_fail(err, ERR_TOO_LARGE, "the fragment has more than %d lines", SDP_LINES_MAX);
        if (!str_until(&value, ':', &name))
            continue;
        if (str_is(name, "a=ice-ufrag") && !out->ufrag.n)
            out->ufrag = value;
        else if (str_is(name, "a=ice-pwd") && !out->pwd.n)
            out->pwd = value;
        else if (str_is(name, "a=mid") && !out->mid.n && sdp_is_mid(value))
            out->mid = value;
        else if (str_is(name, "a=candidate"))
            out->candidate_count++;
        else if (str_is(name, "a=end-of-candidates"))
            out->end_of_candidates = true;
    }
    if (!out->ufrag.n && !out->pwd.n && !out->candidate_count && !out->end_of_candidates)
        return sdp_fail(err, ERR_INVALID, "the fragment has neither credentials nor candidates");
    if (!out->ufrag.n && !out->pwd.n)
        return 0; /* RFC 8840 4.4 wants them, but candidates alone do no harm to a lite agent */
    return sdp_check_ice(out->ufrag, out->pwd, err);
}
