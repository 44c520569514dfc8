/* somhub check, the ways of picture and sound: the ports, the addresses browsers are told, the relay. Says in
 * words which of them will work, without asking anybody outside. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/base/clock.h"
#include "media/media.h"
#include "media/net/addr.h"
#include "server/app/config.h"
#include "server/cli/relay.h"
#include "server/cli/report.h"

struct ways {
    struct report *r;
    const struct config *cfg;
    unsigned workers;
    bool loopback, local, public; /* browsers are told such an address */
    bool relay;
};

int cli_try_bind(int type, const char *host, unsigned port) {
    bool six = strchr(host, ':') != NULL;
    struct sockaddr_in a4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    int one = 1, fd = socket(six ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    inet_pton(six ? AF_INET6 : AF_INET, host, six ? (void *)&a6.sin6_addr : (void *)&a4.sin_addr);
    if (type == SOCK_STREAM)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    int rc = bind(fd, six ? (struct sockaddr *)&a6 : (struct sockaddr *)&a4, six ? sizeof a6 : sizeof a4);
    int why = rc < 0 ? errno : 0;
    close(fd);
    return why;
}

/* "8189" or "8189–8191". */
static void print_range(const struct ways *w, char dst[32]) {
    unsigned first = (unsigned)w->cfg->media_port, last = first + w->workers - 1;
    if (first == last)
        snprintf(dst, 32, "%u", first);
    else
        snprintf(dst, 32, "%u–%u", first, last);
}

static void check_media_ports(const struct ways *w, bool running) {
    char range[32];
    const char *both = w->cfg->media_tcp ? "UDP and TCP" : "UDP";
    print_range(w, range);
    if (!w->cfg->media_port) {
        report_say(w->r, WARN, "media.port is 0: the ports change at each start, no firewall can know them.");
        return;
    }
    for (unsigned i = 0; i < w->workers && !running; i++) {
        unsigned port = (unsigned)w->cfg->media_port + i;
        int udp = cli_try_bind(SOCK_DGRAM, w->cfg->media_listen, port);
        int tcp = w->cfg->media_tcp ? cli_try_bind(SOCK_STREAM, w->cfg->media_listen, port) : 0;
        if (udp || tcp) {
            report_say(w->r, BAD, "The media port %u/%s cannot be used: %s.", port, udp ? "udp" : "tcp",
                       strerror(udp ? udp : tcp));
            return;
        }
    }
    report_say(w->r, FINE, "The media ports %s %s; let %s through the firewall.", range,
               running ? "are the running server's" : "are free", both);
    if (!w->cfg->media_tcp)
        report_say(w->r, WARN, "media.tcp is off: people whose network lets no UDP through need the relay.");
}

/* RFC 1918, RFC 6598, RFC 4193. */
static bool is_private(const struct addr *a) {
    const uint8_t *four = a->ip + 12;
    if (!addr_is_v4(a))
        return (a->ip[0] & 0xfe) == 0xfc;
    return four[0] == 10 || (four[0] == 172 && (four[1] & 0xf0) == 16) ||
           (four[0] == 192 && four[1] == 168) || (four[0] == 100 && (four[1] & 0xc0) == 64);
}

static bool is_ours(const struct addr *a) {
    struct addr all[64];
    size_t n = addr_of_machine(all, countof(all));
    for (size_t i = 0; i < n; i++)
        if (!memcmp(all[i].ip, a->ip, sizeof a->ip))
            return true;
    return addr_is_loopback(a);
}

static void count_addr(struct ways *w, const struct addr *a) {
    w->loopback |= addr_is_loopback(a);
    w->local |= is_private(a);
    w->public |= !addr_is_loopback(a) && !is_private(a);
}

static void check_announced(struct ways *w) {
    struct str list = str_of(w->cfg->media_announce), one;
    struct addr bound;
    char range[32];
    print_range(w, range);
    addr_parse(&bound, str_of(w->cfg->media_listen), 0);
    while (str_until(&list, ',', &one)) {
        struct addr a;
        one = str_trim(one);
        if (addr_parse(&a, one, 0)) {
            report_say(w->r, BAD, "media.announce: \"" STR_FMT "\" is not an IP address.", STR_ARG(one));
            continue;
        }
        count_addr(w, &a);
        if (is_ours(&a))
            report_say(w->r, FINE, "Browsers are told " STR_FMT ", an address of this machine.",
                       STR_ARG(one));
        else
            report_say(w->r, WARN,
                       "Browsers are told " STR_FMT
                       ", which is not this machine's: its router must forward UDP%s %s to this machine.",
                       STR_ARG(one), w->cfg->media_tcp ? " and TCP" : "", range);
    }
}

static void check_own_addresses(struct ways *w) {
    struct addr bound, all[MEDIA_ADDRS_MAX];
    char text[ADDR_TEXT_MAX], line[512] = "";
    size_t used = 0;
    if (addr_parse(&bound, str_of(w->cfg->media_listen), 0)) {
        report_say(w->r, BAD, "media.listen: \"%s\" is not an IP address.", w->cfg->media_listen);
        return;
    }
    size_t n = addr_is_any(&bound) ? addr_of_machine(all, countof(all)) : 1;
    if (!addr_is_any(&bound))
        all[0] = bound;
    for (size_t i = 0; i < n; i++) {
        if (addr_is_v4(&bound) && !addr_is_v4(&all[i]))
            continue;
        count_addr(w, &all[i]);
        addr_print_ip(&all[i], text);
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", used ? ", " : "", text);
    }
    report_say(w->r, FINE, "Browsers are told the addresses of this machine: %s.", line);
}

static void check_relay(struct ways *w) {
    struct turn turn = {w->cfg->media_turn, w->cfg->media_turn_secret};
    struct str list = str_of(turn.urls);
    struct turn_pass pass;
    struct turn_url u;
    char err[256], ip[ADDR_TEXT_MAX];
    if (turn_check(&turn, err)) {
        report_say(w->r, BAD, "%s.", err);
        return;
    }
    turn_pass(&turn, "check", clock_wall_ms(), &pass);
    while (turn_next(&list, &u)) {
        struct addr relayed;
        unsigned error;
        enum relay_finding f = relay_try(&u, &pass, &relayed, &error);
        w->relay |= f == RELAY_WORKS || f == RELAY_LISTENS;
        if (f == RELAY_WORKS) {
            addr_print_ip(&relayed, ip);
            report_say(w->r, FINE, "The relay " STR_FMT " gives addresses (%s).", STR_ARG(u.whole), ip);
        } else if (f == RELAY_LISTENS) {
            report_say(w->r, FINE, "The relay " STR_FMT " takes connections; its TLS was not tried.",
                       STR_ARG(u.whole));
        } else if (f == RELAY_UNNAMED) {
            report_say(w->r, BAD, "The relay " STR_FMT " has no address: is its name right?",
                       STR_ARG(u.whole));
        } else if (f == RELAY_REFUSES) {
            report_say(w->r, BAD,
                       "The relay " STR_FMT
                       " refuses our passwords: is media.turn_secret its static-auth-secret, "
                       "are both clocks right?",
                       STR_ARG(u.whole));
        } else if (f == RELAY_STRANGE) {
            report_say(w->r, BAD, "The relay " STR_FMT " answers, but gives no address (error %u).",
                       STR_ARG(u.whole), error);
        } else {
            report_say(w->r, BAD, "The relay " STR_FMT " does not answer: does it run, is its port open?",
                       STR_ARG(u.whole));
        }
    }
}

static void conclude(const struct ways *w) {
    const char *also = w->cfg->media_tcp ? ", else by TCP" : "";
    const char *relay = w->relay ? ", else through the relay" : "";
    if (w->public)
        report_say(w->r, FINE,
                   "So picture and sound go from anywhere by UDP%s%s, as far as firewalls let them.", also,
                   relay);
    else if (w->relay)
        report_say(
            w->r, WARN,
            "So picture and sound go by UDP%s inside this network; from outside only through the relay.",
            also);
    else if (w->local)
        report_say(w->r, WARN,
                   "So picture and sound go by UDP%s inside this network only: for people outside set "
                   "media.announce "
                   "to the public address, or a relay.",
                   also);
    else
        report_say(w->r, WARN, "So picture and sound reach browsers on this very machine only.");
}

void check_ways(struct report *r, const struct config *cfg, bool running) {
    struct ways w = {.r = r, .cfg = cfg, .workers = media_worker_count((unsigned)cfg->media_workers)};
    check_media_ports(&w, running);
    if (cfg->media_announce[0])
        check_announced(&w);
    else
        check_own_addresses(&w);
    check_relay(&w);
    conclude(&w);
}
