/* cmd — what control asks of a worker: one fixed-size value through its mailbox. Pointers in it are heap and
 * are taken over by the worker. Interface only; cmd_fini is for commands that never reached a worker. */
#ifndef CMD_H
#define CMD_H
#include "media/base/mem.h"
#include "media/media.h"
#include "media/rtc/ice.h"
#include "media/rtc/view.h"

enum cmd_type {
    CMD_PEER_OPEN,    /* p: struct peer_cfg */
    CMD_PEER_RESTART, /* id, p: struct ice_creds */
    CMD_PEER_CLOSE,   /* id */
    CMD_PEER_CAPTURE, /* id, p: struct pcapng, ms: for so long */
    CMD_STAGE,        /* room, circle, p: struct cmd_picks */
    CMD_MOVE,         /* room, circle, p: struct view_pick (its member), on: everywhere */
    CMD_VOICE,        /* room, channel, p: struct view_pick (its member) */
    CMD_LISTEN,       /* id, channel */
    CMD_WANT,         /* id, p: struct cmd_picks */
    CMD_AUDIO_ONLY,   /* id, on */
    CMD_SAVE,         /* id, on */
    CMD_DRAW,         /* id, p: struct cmd_draw */
    CMD_BLOCK,        /* room, p: struct view_pick, on */
    CMD_ROOM_CLOSE,   /* room */
    CMD_TAP_OPEN,     /* room, id, fd */
    CMD_TAP_CLOSE,    /* id */
    CMD_RELAY_OPEN,   /* room, worker: the room's tracks go there too */
    CMD_RELAY_CLOSE,  /* room, worker */
    CMD_STOP
};
struct cmd_picks {
    unsigned n;
    struct view_pick pick[MEDIA_VIDEO_SLOTS_MAX];
};
struct cmd_draw {
    unsigned n;
    struct media_draw draw[MEDIA_VIDEO_SLOTS_MAX];
};
struct peer_cfg {
    uint64_t id, room;
    enum media_peer_kind kind;
    bool home; /* the room's publishers live on this worker */
    char member[MEDIA_MEMBER_ID_MAX + 1];
    struct ice_creds creds;
    uint8_t remote_fp[SDP_FP_BYTES];
    bool dtls_server;
    unsigned line_count;
    struct sdp_line line[SDP_MEDIA_MAX];
    enum media_source source[SDP_MEDIA_MAX];                                /* PUBLISH: what each line is */
    struct sdp_ssrc audio[MEDIA_AUDIO_SLOTS], video[MEDIA_VIDEO_SLOTS_MAX]; /* VIEW: by line[].slot */
};
struct cmd {
    enum cmd_type type;
    uint64_t room, id;
    unsigned worker, circle, channel;
    int fd;
    unsigned ms;
    bool on, home; /* home: the room's publishers live on this worker */
    void *p;
};
static inline void cmd_fini(struct cmd *c) { mem_free(c->p); }

#endif
