/* somhub-pipe recover DIR and finish DIR: what is left to do for a directory whose recorder is gone. */
#include "media/base/err.h"
#include "media/pipeline/commands.h"
#include "media/base/json.h"
#include "media/pipeline/dirlock.h"
#include "media/pipeline/element.h"
#include "media/pipeline/manifest.h"
#include "media/pipeline/say.h"

static int repair(struct recovery *past, const char *dir) {
    static const char *const plugins[] = {"coreelements", "voaacenc", "x264"};
    dirlock_take(dir);
    int err = element_plugins(plugins, countof(plugins));
    if (err)
        say_text("error", "GStreamer's plugins are not installed");
    else if ((err = recover_dir(past, dir)) != 0)
        say_text("error", "the recording's directory cannot be read or repaired");
    else if (past->repaired)
        say_duration("recovered", past->end_ms);
    return err;
}
static int ended(int64_t duration_ms, bool final) {
    struct json *j = say_new("ended");
    json_set_int(j, "duration_ms", duration_ms);
    json_set_bool(j, "final", final);
    say(j);
    return 0;
}
int command_recover(const char *dir) {
    struct recovery past;
    int err = repair(&past, dir);
    return err ? err : ended(past.end_ms, false);
}
int command_finish(const char *dir) {
    struct recovery past;
    int64_t duration_ms = 0;
    int err = repair(&past, dir);
    if (err)
        return err;
    if (past.takes && (err = manifest_finish(dir, &duration_ms)) != 0) {
        say_text("error", "the manifest cannot be written");
        return err;
    }
    return ended(duration_ms, true);
}
