#include "media/net/addr.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>

#include "media/base/err.h"
#include "media/base/rnd.h"

static const uint8_t V4_PREFIX[12] = {[10] = 0xff, [11] = 0xff}; /* RFC 4291 2.5.5.2 */

bool addr_is_v4(const struct addr *a) { return !memcmp(a->ip, V4_PREFIX, sizeof V4_PREFIX); }

static void addr_set_v4(struct addr *a, const void *four) {
    memcpy(a->ip, V4_PREFIX, sizeof V4_PREFIX);
    memcpy(a->ip + 12, four, 4);
}

int addr_parse(struct addr *out, struct str ip, uint16_t port) {
    char z[INET6_ADDRSTRLEN];
    struct in_addr four;
    struct addr a = {.port = port};
    if (!STR_COPY(z, ip))
        return -ERR_INVALID;
    if (inet_pton(AF_INET, z, &four) == 1)
        addr_set_v4(&a, &four);
    else if (inet_pton(AF_INET6, z, a.ip) != 1)
        return -ERR_INVALID;
    *out = a;
    return 0;
}

void addr_print_ip(const struct addr *a, char dst[ADDR_TEXT_MAX]) {
    if (addr_is_v4(a))
        inet_ntop(AF_INET, a->ip + 12, dst, ADDR_TEXT_MAX);
    else
        inet_ntop(AF_INET6, a->ip, dst, ADDR_TEXT_MAX);
}

void addr_print(const struct addr *a, char dst[ADDR_TEXT_MAX]) {
    char ip[ADDR_TEXT_MAX];
    addr_print_ip(a, ip);
    snprintf(dst, ADDR_TEXT_MAX, addr_is_v4(a) ? "%.46s:%u" : "[%.46s]:%u", ip, a->port);
}

bool addr_is_any(const struct addr *a) {
    static const uint8_t zero[16];
    return !memcmp(a->ip, zero, 16) || (addr_is_v4(a) && !memcmp(a->ip + 12, zero, 4));
}

bool addr_is_loopback(const struct addr *a) {
    static const uint8_t one[16] = {[15] = 1};
    return addr_is_v4(a) ? a->ip[12] == 127 : !memcmp(a->ip, one, 16);
}

bool addr_is_link_local(const struct addr *a) {
    if (addr_is_v4(a))
        return a->ip[12] == 169 && a->ip[13] == 254;
    return a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80;
}

/* ---- key: SipHash-2-4 over the 18 bytes, so that nobody who owns a /64 can choose addresses that collide
 * ---- */

static uint64_t sip_key[2];
static pthread_once_t sip_once = PTHREAD_ONCE_INIT;

static void sip_init(void) { rnd_bytes(sip_key, sizeof sip_key); }

static inline uint64_t rotl(uint64_t x, unsigned b) { return x << b | x >> (64 - b); }

static void sip_round(uint64_t v[4]) {
    v[0] += v[1];
    v[1] = rotl(v[1], 13) ^ v[0];
    v[0] = rotl(v[0], 32);
    v[2] += v[3];
    v[3] = rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotl(v[1], 17) ^ v[2];
    v[2] = rotl(v[2], 32);
}

static uint64_t sip(const uint64_t m[3]) {
    uint64_t v[4] = {sip_key[0] ^ UINT64_C(0x736f6d6570736575), sip_key[1] ^ UINT64_C(0x646f72616e646f6d),
                     sip_key[0] ^ UINT64_C(0x6c7967656e657261), sip_key[1] ^ UINT64_C(0x7465646279746573)};
    for (int i = 0; i < 3; i++) {
        v[3] ^= m[i];
        sip_round(v);
        sip_round(v);
        v[0] ^= m[i];
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t addr_key(const struct addr *a) {
    uint64_t m[3];
    memcpy(m, a->ip, 16);
    if (addr_is_v4(a))
        return (m[1] >> 32) << 16 | a->port;
    m[2] = a->port | UINT64_C(18) << 56;
    pthread_once(&sip_once, sip_init);
    return sip(m) | UINT64_C(1) << 63; /* never an IPv4 key */
}

uint64_t addr_path_key(const struct addr_path *p) {
    return p->stream ? UINT64_C(1) << 62 | p->stream : addr_key(&p->remote); /* an IPv4 key has 48 bits */
}

/* ---- sockaddr ---- */

unsigned addr_to_sockaddr(const struct addr *a, int family, struct sockaddr_storage *out) {
    if (family == AF_INET) {
        struct sockaddr_in *in = (struct sockaddr_in *)out;
        if (!addr_is_v4(a) && !addr_is_any(a))
            return 0;
        *in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(a->port)};
        memcpy(&in->sin_addr, a->ip + 12, 4);
        return sizeof *in;
    }
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
    *in6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(a->port)};
    memcpy(&in6->sin6_addr, a->ip, 16);
    return sizeof *in6;
}

int addr_from_sockaddr(struct addr *out, const void *sockaddr, size_t n) {
    sa_family_t family;
    if (n < sizeof(struct sockaddr_in))
        return -ERR_UNSUPPORTED;
    memcpy(&family, (const char *)sockaddr + offsetof(struct sockaddr, sa_family), sizeof family);
    if (family == AF_INET) {
        const struct sockaddr_in *in = sockaddr;
        addr_set_v4(out, &in->sin_addr);
        out->port = ntohs(in->sin_port);
        return 0;
    }
    if (family != AF_INET6 || n < sizeof(struct sockaddr_in6))
        return -ERR_UNSUPPORTED;
    const struct sockaddr_in6 *in6 = sockaddr;
    memcpy(out->ip, &in6->sin6_addr, 16);
    out->port = ntohs(in6->sin6_port);
    return 0;
}

size_t addr_of_machine(struct addr *out, size_t max) {
    struct ifaddrs *all;
    size_t n = 0;
    if (getifaddrs(&all))
        return 0;
    for (int loopback = 0; loopback < 2; loopback++)
        for (struct ifaddrs *i = all; i && n < max; i = i->ifa_next) {
            struct addr a;
            if (!i->ifa_addr || !(i->ifa_flags & IFF_UP))
                continue;
            size_t len =
                i->ifa_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
            if (addr_from_sockaddr(&a, i->ifa_addr, len) || addr_is_link_local(&a) || addr_is_any(&a))
                continue;
            a.port = 0;
            if (addr_is_loopback(&a) == (loopback == 1))
                out[n++] = a;
        }
    freeifaddrs(all);
    return n;
}
