/* client — a WebRTC client without codecs: WHIP or WHEP by HTTP, ICE checks, DTLS as client, SRTP, reports.
 * What a browser does on the wire, for thousands at once. Thread: one owner after client_open; open itself
 * blocks (HTTP). Heap: one allocation, plus DTLS and SRTP. The caller waits on client_fd and calls read and
 * step. */
#ifndef CLIENT_H
#define CLIENT_H
#include "media/rtc/dtls.h"
#include "media/rtc/rtcp.h"
#include "media/rtc/rtp.h"
#include "media/rtc/twcc.h"

enum { CLIENT_SSRCS_MAX = 12, CLIENT_PT_OPUS = 111, CLIENT_PT_H264 = 102, CLIENT_PT_RTX = 103 };
enum { CLIENT_EXT_MID = 4, CLIENT_EXT_LEVEL = 1, CLIENT_EXT_TIME = 2, CLIENT_EXT_TWCC = 3 };
/* SSRCs a publisher declares and sends with. */
enum { CLIENT_SSRC_AUDIO = 0x11110001, CLIENT_SSRC_VIDEO = 0x11110002, CLIENT_SSRC_RTX = 0x11110003 };

struct client;
/* A packet that came (and authenticated, unless the client is blind). at_us: wall clock at which the kernel
 * had it. */
typedef void client_rtp_fn(void *ctx, struct client *c, const struct rtp *p, int64_t at_us);
typedef void client_rtcp_fn(void *ctx, struct client *c, const struct rtcp *p);

struct client_spec {
    bool publish;
    uint16_t http_port;
    const char *room, *ticket;
    client_rtp_fn *on_rtp;
    client_rtcp_fn *on_rtcp; /* may be NULL */
    void *ctx;
    bool blind; /* of each stream only the first packet is decrypted; of the others the header, which is plain
                 */
};

/* What came of one SSRC. */
struct client_stream {
    uint32_t ssrc;
    uint16_t first, top;
    uint32_t turns;      /* of the 16-bit sequence number */
    uint64_t got, bytes; /* since client_count_anew */
    uint64_t base;       /* extended number counting began at */
};

/* 0 and *out, or -ERR_x with a sentence. */
int client_open(struct client **out, const struct client_spec *spec, char err[256]);
void client_close(struct client *c); /* DELETE, then frees */
int client_fd(const struct client *c);
bool client_up(const struct client *c); /* ICE and DTLS done */
/* Takes all that waits. -ERR_IO when the association ended. */
int client_read(struct client *c, int64_t now_us);
void client_step(struct client *c, int64_t now_us); /* checks, retransmissions, reports that are due */
int64_t client_next_us(const struct client *c);
/* A publisher's packet; protects a copy and sends it. */
int client_send(struct client *c, const uint8_t *packet, size_t n);
int client_say(struct client *c, const uint8_t *rtcp, size_t n);       /* a compound, likewise */
void client_wire(struct client *c, const uint8_t *datagram, size_t n); /* as it is */
uint16_t client_port(const struct client *c);                          /* the server's, of media */

unsigned client_streams(const struct client *c, const struct client_stream **out);
void client_count_anew(struct client *c);
uint64_t client_expected(const struct client_stream *s); /* since client_count_anew */

#endif
