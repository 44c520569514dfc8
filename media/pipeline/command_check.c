/* somhub-pipe check: whether everything recording, converting and picturing needs is installed and works. */
#include <stdio.h>
#include "media/base/err.h"
#include "media/pipeline/commands.h"
#include "media/pipeline/element.h"
#include "media/pipeline/say.h"

static const struct {
    const char *plugin, *chain,
        *caps; /* a chain that is built to see that it can be; NULL: loading is enough */
    const char *package, *what;
} parts[] = {
    {"coreelements", NULL, NULL, "libgstreamer1.0-0", "the core"},
    {"opus", "opusdec", "audio/x-opus,rate=48000,channels=2,channel-mapping-family=0",
     "gstreamer1.0-plugins-base", "hearing microphones"},
    {"voaacenc", "voaacenc", "audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved",
     "gstreamer1.0-plugins-bad", "writing sound"},
    {"x264", "x264enc", "video/x-raw,format=I420,width=320,height=180,framerate=15/1",
     "gstreamer1.0-plugins-ugly", "writing pictures"},
    {"vpx", "vp8dec", "video/x-vp8,width=320,height=180", "gstreamer1.0-plugins-good", "VP8 cameras"},
    {"libav", "avdec_h264", "video/x-h264,stream-format=byte-stream,alignment=au", "gstreamer1.0-libav",
     "converting to MP4"},
    {"videoconvertscale", "videoscale", "video/x-raw,format=I420,width=320,height=180,framerate=15/1",
     "gstreamer1.0-plugins-base", "changing picture sizes"},
    {"jpeg", "jpegenc", "video/x-raw,format=I420,width=320,height=180,framerate=15/1",
     "gstreamer1.0-plugins-good", "posters"},
};

static void drop(void *arg, const struct element_out *out) { (void)arg, (void)out; }

static bool works(size_t i) {
    struct element *e = NULL;
    if (element_plugins(&parts[i].plugin, 1))
        return false;
    if (parts[i].chain && element_open(&e, parts[i].chain, parts[i].caps, drop, NULL))
        return false;
    element_close(e);
    return true;
}

int command_check(void) {
    int missing = 0;
    for (size_t i = 0; i < countof(parts); i++) {
        char text[160];
        if (works(i))
            continue;
        missing++;
        snprintf(text, sizeof text, "%s cannot be done: install %s", parts[i].what, parts[i].package);
        say_text("error", text);
    }
    return missing ? -ERR_UNSUPPORTED : 0;
}
