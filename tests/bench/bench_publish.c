/* bench_publish — speakers with a real camera and microphone out of files, by WHIP, until stdin ends.
 * Usage: bench_publish PORT ROOM VIDEO.h264 AUDIO.ogg TICKET… (one speaker each, all of the same files).
 * Prints "on air" once all are connected, a JSON object at the end. SENT=FILE: there, a line whenever the
 * first speaker sent something: how many pictures and sounds by now, and the Unix time in ms. */
#include "media/base/clock.h"
#include "media/base/json.h"
#include "media/base/mem.h"
#include "tests/bench/crowd.h"
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SPEAKERS_MAX = 16, TICK_MS = 2 };

struct speaker {
    struct client *client;
    struct camera camera;
    bool on_air, gone; /* gone: the server ended the connection, as it does at the end of a lesson */
};

static void step(struct speaker *s, const char *h264, const char *ogg, int64_t now_us) {
    if (s->gone || client_read(s->client, now_us)) {
        s->gone = true;
        return;
    }
    client_step(s->client, now_us);
    if (client_up(s->client) && !s->on_air) {
        uint64_t asked = s->camera.asked;
        camera_init(&s->camera, s->client, 0, now_us);
        s->camera.asked = asked;
        if (camera_files(&s->camera, h264, ogg))
            crowd_die("%s and %s are not Annex B and Ogg Opus", h264, ogg);
        s->on_air = true;
    }
    if (s->on_air)
        camera_step(&s->camera, now_us);
}

static void note_sent(FILE *file, const struct camera *f, uint64_t *packets) {
    if (!file || f->packets == *packets)
        return;
    *packets = f->packets;
    fprintf(file, "%" PRIu64 " %" PRId64 " %" PRId64 "\n", f->frames,
            (f->audio_us - f->start_us) / CAMERA_AUDIO_US, clock_wall_ms());
    fflush(file);
}

int main(int argc, char **argv) {
    static struct speaker v[SPEAKERS_MAX];
    unsigned n = argc > 5 ? (unsigned)argc - 5 : 0, on_air = 0;
    char err[256] = "";
    if (!n || n > SPEAKERS_MAX)
        crowd_die("usage: bench_publish PORT ROOM VIDEO.h264 AUDIO.ogg TICKET…");
    if (secure_global_init() || dtls_global_init(NULL, NULL, err))
        crowd_die("DTLS or SRTP cannot be set up");
    for (unsigned i = 0; i < n; i++) {
        struct client_spec spec = {.publish = true,
                                   .http_port = (uint16_t)atoi(argv[1]),
                                   .room = argv[2],
                                   .ticket = argv[5 + i],
                                   .on_rtcp = camera_on_rtcp,
                                   .ctx = &v[i].camera};
        if (client_open(&v[i].client, &spec, err))
            crowd_die("%s", err);
    }
    const char *sent_path = getenv("SENT");
    FILE *sent = sent_path ? fopen(sent_path, "w") : NULL;
    uint64_t noted = 0;
    struct pollfd end = {.fd = STDIN_FILENO, .events = POLLIN};
    char byte;
    while (poll(&end, 1, TICK_MS) <= 0 || read(STDIN_FILENO, &byte, 1) > 0) {
        unsigned now_on_air = 0;
        for (unsigned i = 0; i < n; i++) {
            step(&v[i], argv[3], argv[4], clock_mono_us());
            now_on_air += v[i].on_air;
        }
        note_sent(sent, &v[0].camera, &noted);
        if (now_on_air == n && on_air < n)
            fprintf(stderr, "on air\n");
        on_air = now_on_air;
    }
    if (sent)
        fclose(sent);
    struct json *out = json_object();
    uint64_t packets = 0, asked = 0;
    for (unsigned i = 0; i < n; i++) {
        packets += v[i].camera.packets;
        asked += v[i].camera.asked;
        client_close(v[i].client);
        camera_fini(&v[i].camera);
    }
    json_set_int(out, "packets", (int64_t)packets);
    json_set_int(out, "keyframes_asked", (int64_t)asked);
    struct buf text;
    buf_init(&text, 4096);
    json_write(out, &text);
    puts((char *)text.p);
    buf_fini(&text);
    json_free(out);
    return 0;
}
