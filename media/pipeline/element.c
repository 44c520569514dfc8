#include "media/pipeline/element.h"
#include <dlfcn.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <stdio.h>
#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"

struct element {
    GstElement *bin;
    GstPad *feed, *catch; /* our ends */
    GstBus *bus;
    element_fn fn;
    void *arg;
    uint16_t width, height;
    GstSegment segment; /* of what comes out: x264enc moves all times by 1000 h and says so here */
    GstBuffer *config;  /* borrowed from caps */
    GstCaps *caps;
};

/* Plugins live beside the library that loads them. */
static bool plugin_path(char out[512], const char *name) {
    Dl_info info;
    if (!dladdr((void *)(uintptr_t)gst_init, &info) || !info.dli_fname)
        return false;
    const char *slash = strrchr(info.dli_fname, '/');
    int dir = slash ? (int)(slash - info.dli_fname) : 0;
    return snprintf(out, 512, "%.*s/gstreamer-1.0/libgst%s.so", dir, info.dli_fname, name) < 512;
}
int element_plugins(const char *const names[], size_t n) {
    if (!gst_is_initialized()) {
        g_setenv("GST_REGISTRY_1_0", "/dev/null", TRUE);
        g_setenv("GST_PLUGIN_SYSTEM_PATH_1_0", "/nonexistent", TRUE);
        g_unsetenv("GST_PLUGIN_PATH_1_0");
        g_unsetenv("GST_PLUGIN_PATH");
        gst_registry_fork_set_enabled(FALSE);
        if (!gst_init_check(NULL, NULL, NULL))
            return -ERR_IO;
    }
    for (size_t i = 0; i < n; i++) {
        char path[512];
        GError *error = NULL;
        GstPlugin *plugin = plugin_path(path, names[i]) ? gst_plugin_load_file(path, &error) : NULL;
        if (!plugin) {
            LOG_ERROR("plugin does not load name=%s why=\"%s\"", names[i],
                      error ? error->message : "no path");
            g_clear_error(&error);
            return -ERR_IO;
        }
        gst_object_unref(plugin);
    }
    return 0;
}

static int64_t running_us(const struct element *e, const GstBuffer *b) {
    GstClockTime t = GST_BUFFER_PTS_IS_VALID(b)
                         ? gst_segment_to_running_time(&e->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(b))
                         : GST_CLOCK_TIME_NONE;
    return GST_CLOCK_TIME_IS_VALID(t) ? (int64_t)(t / 1000) : -1;
}
static GstFlowReturn on_buffer(GstPad *pad, GstObject *parent, GstBuffer *b) {
    (void)parent;
    struct element *e = gst_pad_get_element_private(pad);
    GstMapInfo map, conf = {0};
    if (gst_buffer_map(b, &map, GST_MAP_READ)) {
        struct element_out out = {.data = {map.data, map.size},
                                  .pts_us = running_us(e, b),
                                  .key = !GST_BUFFER_FLAG_IS_SET(b, GST_BUFFER_FLAG_DELTA_UNIT),
                                  .width = e->width,
                                  .height = e->height};
        if (e->config && gst_buffer_map(e->config, &conf, GST_MAP_READ))
            out.config = (struct bytes){conf.data, conf.size};
        e->fn(e->arg, &out);
        if (conf.memory)
            gst_buffer_unmap(e->config, &conf);
        gst_buffer_unmap(b, &map);
    }
    gst_buffer_unref(b);
    return GST_FLOW_OK;
}
static gboolean on_event(GstPad *pad, GstObject *parent, GstEvent *event) {
    struct element *e = gst_pad_get_element_private(pad);
    GstCaps *caps;
    if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) {
        gst_event_copy_segment(event, &e->segment);
    } else if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
        gst_event_parse_caps(event, &caps);
        gst_caps_replace(&e->caps, caps);
        const GstStructure *s = gst_caps_get_structure(caps, 0);
        int w = 0, h = 0;
        const GValue *v = gst_structure_get_value(s, "codec_data");
        e->config = v ? gst_value_get_buffer(v) : NULL;
        gst_structure_get_int(s, "width", &w);
        gst_structure_get_int(s, "height", &h);
        e->width = (uint16_t)w;
        e->height = (uint16_t)h;
    }
    return gst_pad_event_default(pad, parent, event);
}
static bool plug(struct element *e, const char *caps_text) {
    GstPad *sink = gst_element_get_static_pad(e->bin, "sink"),
           *src = gst_element_get_static_pad(e->bin, "src");
    e->feed = gst_pad_new("feed", GST_PAD_SRC);
    e->catch = gst_pad_new("catch", GST_PAD_SINK);
    gst_pad_set_element_private(e->catch, e);
    gst_pad_set_chain_function(e->catch, on_buffer);
    gst_pad_set_event_function(e->catch, on_event);
    bool ok = sink && src && GST_PAD_LINK_SUCCESSFUL(gst_pad_link(e->feed, sink)) &&
              GST_PAD_LINK_SUCCESSFUL(gst_pad_link(src, e->catch));
    if (sink)
        gst_object_unref(sink);
    if (src)
        gst_object_unref(src);
    if (!ok)
        return false;
    gst_pad_set_active(e->feed, TRUE);
    gst_pad_set_active(e->catch, TRUE);
    if (gst_element_set_state(e->bin, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
        return false;
    GstCaps *caps = gst_caps_from_string(caps_text);
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    ok = caps && gst_pad_push_event(e->feed, gst_event_new_stream_start("feed")) &&
         gst_pad_push_event(e->feed, gst_event_new_caps(caps)) &&
         gst_pad_push_event(e->feed, gst_event_new_segment(&segment));
    if (caps)
        gst_caps_unref(caps);
    return ok;
}
int element_open(struct element **out, const char *chain, const char *caps, element_fn fn, void *arg) {
    struct element *e = mem_zalloc(sizeof *e);
    GError *error = NULL;
    gst_segment_init(&e->segment, GST_FORMAT_TIME);
    e->fn = fn;
    e->arg = arg;
    e->bin = gst_parse_bin_from_description(chain, TRUE, &error);
    if (e->bin) {
        gst_object_ref_sink(e->bin);
        e->bus = gst_bus_new();
        gst_element_set_bus(e->bin, e->bus);
    }
    if (!e->bin || error || !plug(e, caps)) {
        LOG_ERROR("cannot build chain=\"%s\" why=\"%s\"", chain, error ? error->message : "does not link");
        g_clear_error(&error);
        element_close(e);
        return -ERR_UNSUPPORTED;
    }
    *out = e;
    return 0;
}
void element_close(struct element *e) {
    if (!e)
        return;
    if (e->bin) {
        gst_element_set_state(e->bin, GST_STATE_NULL);
        gst_element_set_bus(e->bin, NULL);
    }
    if (e->feed) {
        gst_pad_set_active(e->feed, FALSE);
        gst_object_unref(e->feed);
    }
    if (e->catch) {
        gst_pad_set_active(e->catch, FALSE);
        gst_object_unref(e->catch);
    }
    if (e->bin)
        gst_object_unref(e->bin);
    if (e->bus)
        gst_object_unref(e->bus);
    gst_caps_replace(&e->caps, NULL);
    mem_free(e);
}
/* An element that posted an error is of no more use, whatever its flow return said. */
static bool has_failed(struct element *e) {
    bool failed = false;
    GstMessage *m;
    while ((m = gst_bus_pop(e->bus)) != NULL) {
        if (GST_MESSAGE_TYPE(m) == GST_MESSAGE_ERROR) {
            GError *error = NULL;
            gst_message_parse_error(m, &error, NULL);
            LOG_WARN("element failed name=%s why=\"%s\"", GST_MESSAGE_SRC_NAME(m), error->message);
            g_clear_error(&error);
            failed = true;
        }
        gst_message_unref(m);
    }
    return failed;
}
int element_push(struct element *e, struct bytes data, int64_t pts_us, bool key) {
    GstBuffer *b = gst_buffer_new_memdup(data.p, data.n);
    if (pts_us >= 0)
        GST_BUFFER_PTS(b) = GST_BUFFER_DTS(b) = (GstClockTime)pts_us * 1000;
    if (!key)
        GST_BUFFER_FLAG_SET(b, GST_BUFFER_FLAG_DELTA_UNIT);
    GstFlowReturn flow = gst_pad_push(e->feed, b);
    return has_failed(e) || flow != GST_FLOW_OK ? -ERR_INVALID : 0;
}
void element_force_key(struct element *e) {
    gst_pad_push_event(e->feed, gst_video_event_new_downstream_force_key_unit(
                                    GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE, TRUE, 0));
}
int element_drain(struct element *e) {
    bool sent = gst_pad_push_event(e->feed, gst_event_new_eos());
    return has_failed(e) || !sent ? -ERR_INVALID : 0;
}
