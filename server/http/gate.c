#include "server/http/gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "media/base/mem.h"

struct gate_addr {
    char name[GATE_ADDR_MAX];
    size_t open, fresh, busy;
};
struct gate_guest {
    struct gate_addr *addr;
    bool is_fresh, is_busy;
};

void gate_init(struct gate *g, size_t open_max, bool one_for_all) {
    size_t share = open_max / GATE_SHARE;
    *g = (struct gate){.open_max = open_max,
                       .addr_open_max = share < GATE_OPEN_MAX ? share : GATE_OPEN_MAX,
                       .addr_fresh_max = share < GATE_FRESH_MAX ? share : GATE_FRESH_MAX,
                       .addr_busy_max = share < GATE_BUSY_MAX ? share : GATE_BUSY_MAX,
                       .one_for_all = one_for_all};
    smap_init(&g->by_addr, open_max);
}

void gate_fini(struct gate *g) { smap_fini(&g->by_addr); }

void gate_name(char name[GATE_ADDR_MAX], const struct sockaddr *from) {
    str_copy(name, GATE_ADDR_MAX, STR("?"));
    if (from->sa_family == AF_INET) {
        const struct sockaddr_in *a4 = (const void *)from;
        inet_ntop(AF_INET, &a4->sin_addr, name, GATE_ADDR_MAX);
    } else if (from->sa_family == AF_INET6) {
        struct in6_addr a = ((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&a)) {
            inet_ntop(AF_INET, a.s6_addr + 12, name, GATE_ADDR_MAX);
            return;
        }
        memset(a.s6_addr + 8, 0, 8);
        inet_ntop(AF_INET6, &a, name, GATE_ADDR_MAX);
    }
}

void gate_name_text(char name[GATE_ADDR_MAX], struct str addr) {
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (addr.n >= GATE_ADDR_MAX)
        addr.n = GATE_ADDR_MAX - 1;
    str_copy(name, GATE_ADDR_MAX, addr);
    if (inet_pton(AF_INET6, name, &six.sin6_addr) == 1)
        gate_name(name, (const struct sockaddr *)(const void *)&six);
}

bool gate_is_local(const char *ip, struct str forwarded) {
    enum { LOOPBACK_4 = 127 };
    struct in6_addr six;
    struct in_addr four;
    if (forwarded.n)
        return false;
    if (inet_pton(AF_INET6, ip, &six) != 1)
        return inet_pton(AF_INET, ip, &four) == 1 && ntohl(four.s_addr) >> 24 == LOOPBACK_4;
    return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == LOOPBACK_4);
}

bool gate_has_place(const struct gate *g, const char *name) {
    const struct gate_addr *a = smap_get(&g->by_addr, str_of(name));
    if (g->open >= g->open_max)
        return false;
    return g->one_for_all || !a || (a->open < g->addr_open_max && a->fresh < g->addr_fresh_max);
}

struct gate_guest *gate_enter(struct gate *g, const char *name) {
    struct gate_addr *a = smap_get(&g->by_addr, str_of(name));
    if (!gate_has_place(g, name))
        return NULL;
    if (!a) {
        a = mem_zalloc(sizeof *a);
        (void)STR_COPY(a->name, str_of(name));
        if (smap_put(&g->by_addr, str_of(name), a)) {
            mem_free(a);
            return NULL;
        }
    }
    struct gate_guest *guest = mem_zalloc(sizeof *guest);
    *guest = (struct gate_guest){.addr = a, .is_fresh = true};
    g->open++;
    a->open++;
    a->fresh++;
    return guest;
}

void gate_leave(struct gate *g, struct gate_guest *guest) {
    if (!guest)
        return;
    struct gate_addr *a = guest->addr;
    gate_spoke(guest);
    gate_rest(guest);
    g->open--;
    if (--a->open == 0)
        mem_free(smap_drop(&g->by_addr, str_of(a->name)));
    mem_free(guest);
}

void gate_spoke(struct gate_guest *guest) {
    if (!guest || !guest->is_fresh)
        return;
    guest->is_fresh = false;
    guest->addr->fresh--;
}

bool gate_work(const struct gate *g, struct gate_guest *guest) {
    if (!guest || guest->is_busy)
        return true;
    if (!g->one_for_all && guest->addr->busy >= g->addr_busy_max)
        return false;
    guest->is_busy = true;
    guest->addr->busy++;
    return true;
}

void gate_rest(struct gate_guest *guest) {
    if (!guest || !guest->is_busy)
        return;
    guest->is_busy = false;
    guest->addr->busy--;
}
