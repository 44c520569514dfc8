/* watch — RTCP of a viewing peer: sender reports of its slots out, its reports, NACKs and key frame requests
 * in. Thread: the worker's. Stateless: works on a view and its leg. Limits: RTCP_PACKETS_MAX packets a
 * datagram, WATCH_RESENDS_MAX packets sent again for one datagram. */
#ifndef WATCH_H
#define WATCH_H
#include "media/rtc/view.h"

enum { WATCH_REPORT_US = 2 * 1000 * 1000, WATCH_FIRST_REPORT_US = 200 * 1000, WATCH_RESENDS_MAX = 64 };

/* The number of packets the datagram asked for again. */
unsigned watch_rtcp(struct view *v, struct leg *leg, struct bytes pkt, int64_t now_us);
void watch_report(struct view *v, struct leg *leg, int64_t now_us);
void watch_bye(struct view *v, struct leg *leg);
/* What the viewer reports: round trip (0 unknown), worst loss in 1/256. */
void watch_quality(const struct view *v, int64_t *rtt_us, uint8_t *loss);

#endif
